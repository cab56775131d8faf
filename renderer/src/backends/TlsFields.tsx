import { CheckField, TextField } from "../design/Field.tsx";
import type { BackendDraft } from "./backend-draft.ts";

interface TlsFieldsProps {
  readonly draft: BackendDraft;
  readonly set: <Name extends keyof BackendDraft>(name: Name, value: BackendDraft[Name]) => void;
  readonly error: string | undefined;
}

const files = [
  { name: "caFile", label: "CA file", placeholder: "~/certs/ca.pem" },
  { name: "serverName", label: "Name in the certificate", placeholder: "as in the address" },
  { name: "clientCertFile", label: "Client certificate file", placeholder: "~/certs/me.pem" },
  { name: "clientKeyFile", label: "Client key file", placeholder: "~/certs/me.key" },
] as const;

/** TLS towards the backend, shown once an endpoint speaks it. */
export function TlsFields({ draft, set, error }: TlsFieldsProps) {
  return (
    <fieldset className="inset">
      <legend>TLS</legend>
      <div className="field-grid">
        {files.map(({ name, label, placeholder }) => (
          <TextField
            key={name}
            name={name === "caFile" ? "tls" : name}
            label={label}
            placeholder={placeholder}
            mono
            value={draft[name]}
            onChange={(value) => set(name, value)}
          />
        ))}
      </div>
      {error && <p className="field-error">{error}</p>}
      <CheckField isSelected={draft.verify} onChange={(on) => set("verify", on)}>
        <span>
          Verify the certificate
          {!draft.verify && <span className="soft"> (off: anyone in between can read and alter)</span>}
        </span>
      </CheckField>
    </fieldset>
  );
}
