import { TextField } from "../design/Field.tsx";
import type { BackendDraft } from "./backend-draft.ts";

interface EndpointFieldsProps {
  readonly draft: BackendDraft;
  readonly onChange: (draft: BackendDraft) => void;
  readonly errorOf: (name: string) => string | undefined;
  readonly onTouch: (name: string) => void;
  /** Goes before each field's name where two forms share a sheet. */
  readonly prefix?: string;
}

const endpoints = [
  { name: "amps", label: "AMPS clients (TCP)", placeholder: "tcp://amps-host:9007" },
  { name: "websocket", label: "WebSocket", placeholder: "ws://amps-host:9008" },
  { name: "admin", label: "Admin and Galvanometer", placeholder: "http://amps-host:8085" },
  { name: "replication", label: "Replication", placeholder: "tcp://amps-host:10004" },
] as const;

/** The four addresses of an AMPS instance; one is enough. */
export function EndpointFields({ draft, onChange, errorOf, onTouch, prefix = "" }: EndpointFieldsProps) {
  return (
    <div className="field-grid">
      {endpoints.map(({ name, label, placeholder }) => (
        <TextField
          key={name}
          name={prefix + name}
          label={label}
          placeholder={placeholder}
          mono
          value={draft[name]}
          onChange={(value) => {
            onTouch(prefix + name);
            onChange({ ...draft, [name]: value });
          }}
          error={errorOf(prefix + name)}
        />
      ))}
    </div>
  );
}
