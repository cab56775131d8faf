import { Button } from "../design/Button.tsx";
import { TextField } from "../design/Field.tsx";
import { isLoopback, normalListen } from "./route-draft.ts";
import type { ListenHint } from "./use-listen-hint.ts";

export interface ListenFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
  readonly hint: ListenHint | null;
}

/** The local address, with a warning when it is open to others and a way out when it is taken. */
export function ListenField({ value, onChange, error, hint }: ListenFieldProps) {
  return (
    <div className="field">
      <TextField
        name="listen"
        label="Local address"
        placeholder="127.0.0.1:9007"
        mono
        value={value}
        onChange={onChange}
        error={error}
        hint="host:port, or a port alone for this machine only."
      />
      {hint && (
        <div className="notice" data-tone="warn">
          <span>
            {normalListen(value)} is taken{hint.owner ? ` by ${hint.owner}` : ""}.
          </span>
          <Button size="small" onPress={() => onChange(hint.free)}>
            Use {hint.free}
          </Button>
        </div>
      )}
      {value !== "" && !isLoopback(value) && (
        <div className="notice" data-tone="warn" data-exposed="true">
          ▲ Others on your network can reach this. Write 127.0.0.1 to keep it to this machine.
        </div>
      )}
    </div>
  );
}
