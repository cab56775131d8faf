import type { HostKeyFacts } from "../../../app/contract/questions.ts";

/** A host key beside those that are known of its host, so that two fingerprints can be compared by eye. */
export function HostKeyTable({ hostKey }: { readonly hostKey: HostKeyFacts }) {
  return (
    <dl className="host-keys">
      <dt>Shown by the server: {hostKey.keyType}</dt>
      <dd className="mono">{hostKey.fingerprint}</dd>
      {hostKey.known.map(({ keyType, fingerprint, where }) => (
        <div key={`${where} ${fingerprint}`}>
          <dt>
            Known: {keyType}
            {where !== "" && `, ${where}`}
          </dt>
          <dd className="mono">{fingerprint}</dd>
        </div>
      ))}
    </dl>
  );
}
