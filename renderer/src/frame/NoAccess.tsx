import { Needle } from "./Needle.tsx";

/** Shown in a browser that has no token, or one that the server does not know. */
export function NoAccess({ refused }: { readonly refused: boolean }) {
  return (
    <main className="no-access">
      <Needle bytesPerSecond={0} />
      <h1>{refused ? "This page’s token is no longer valid" : "This page needs its token"}</h1>
      <p>
        Open the address that <code>shunt serve</code> printed when it started. It ends in{" "}
        <code>#token=…</code>
        {refused ? "; a restart makes a new one." : "."}
      </p>
      <p className="soft">
        The token keeps other programs and other users of this machine away from your routes. It is never part
        of a bookmark.
      </p>
    </main>
  );
}
