import { Button } from "../design/Button.tsx";
import { CopyButton } from "../design/CopyButton.tsx";
import { TextField } from "../design/Field.tsx";
import { isLoopback, normalListen } from "./route-draft.ts";
import type { ListenHint, LoopbackChoice } from "./use-listen-hint.ts";

interface ListenFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
  readonly hint: ListenHint | null;
  /** A range of ports may be given: it makes several routes. */
  readonly takesRange: boolean;
}

const oneAddress = "host:port, or a port alone for this machine only.";
const orRange = "A range of ports, such as 127.0.0.1:9007-9010, is saved as a route for each of them.";

/** The local address, with a warning when it is open to others and a way out when it is taken. */
export function ListenField({ value, onChange, error, hint, takesRange }: ListenFieldProps) {
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
        hint={takesRange ? `${oneAddress} ${orRange}` : oneAddress}
      />
      {hint && (
        <div className="notice" data-tone="warn">
          <span>
            {normalListen(value)} is taken{hint.owner ? ` by ${hint.owner}` : ""}.
          </span>
          <Button size="small" onPress={() => onChange(hint.free)}>
            Use {hint.free}
          </Button>
          {hint.loopback && <LoopbackOffer {...hint.loopback} onChange={onChange} />}
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

/** The same port beside the other route, on an address of its own. */
function LoopbackOffer({
  listen,
  addedBy,
  onChange,
}: LoopbackChoice & { readonly onChange: (listen: string) => void }) {
  return (
    <>
      <Button size="small" onPress={() => onChange(listen)}>
        Use {listen}
      </Button>
      {addedBy !== null && (
        <span>
          macOS needs that address first: <code>{addedBy}</code>
          <CopyButton text={addedBy} label="Copy the command" />
        </span>
      )}
    </>
  );
}
