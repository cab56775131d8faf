import { useMirror } from "../mirror/mirror-store.ts";

/** Before the first snapshot: what is being waited for, or why there is none. */
export function LoadingScreen() {
  const failure = useMirror((mirror) => mirror.loadFailure);
  return (
    <div className="blank" role="status">
      {failure ? (
        <>
          <h2>{failure.message}</h2>
          <p className="soft">{failure.advice}</p>
          <p className="faint">Trying again every few seconds.</p>
        </>
      ) : (
        <p className="soft">Reading the engine’s state…</p>
      )}
    </div>
  );
}
