import { CheckField, TextField } from "../design/Field.tsx";
import { type DraftForm, fieldOf } from "../edit/draft-form.ts";
import type { RouteDraft } from "./route-draft.ts";

/** TLS that goes through, and the names by which routes that do so share an address. */
export function PassthroughFields(form: DraftForm<RouteDraft>) {
  const { draft, set, errorOf } = form;
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
          {...fieldOf(form, "serverNames")}
          label="Server names"
          placeholder="amps-ny.example.com"
          mono
          lines={2}
          hint="One a line: clients that ask for one of these (SNI) come here, so that routes can share the address. *.example.com is any one label. Empty: every name that no other route there has."
        />
      )}
    </>
  );
}
