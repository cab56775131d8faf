import { CheckField, TextField } from "../design/Field.tsx";
import type { RouteDraft } from "./route-draft.ts";

export interface PassthroughFieldsProps {
  readonly draft: RouteDraft;
  readonly set: <Name extends keyof RouteDraft>(name: Name, value: RouteDraft[Name]) => void;
  readonly errorOf: (name: string) => string | undefined;
}

/** TLS that goes through, and the names by which routes that do so share an address. */
export function PassthroughFields({ draft, set, errorOf }: PassthroughFieldsProps) {
  return (
    <>
      <div className="field" data-field="tlsPassthrough" tabIndex={-1}>
        <CheckField isSelected={draft.tlsPassthrough} onChange={(on) => set("tlsPassthrough", on)}>
          <span>
            Pass TLS through untouched{" "}
            <span className="soft">
              (client certificates survive; clients see the backend’s certificate, Shunt sees nothing)
            </span>
          </span>
        </CheckField>
        {errorOf("tlsPassthrough") && <p className="field-error">{errorOf("tlsPassthrough")}</p>}
      </div>
      {draft.tlsPassthrough && (
        <TextField
          name="serverNames"
          label="Server names"
          placeholder="amps-ny.example.com"
          mono
          lines={2}
          value={draft.serverNames}
          onChange={(value) => set("serverNames", value)}
          error={errorOf("serverNames")}
          hint="One a line: clients that ask for one of these (SNI) come here, so that routes can share the address. *.example.com is any one label. Empty: every name that no other route there has."
        />
      )}
    </>
  );
}
