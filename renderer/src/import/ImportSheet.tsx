import { useState } from "react";
import type { ImportRequest } from "../../../app/contract/import.ts";
import { Button } from "../design/Button.tsx";
import { SelectField } from "../design/Field.tsx";
import { SheetFrame } from "../design/Sheet.tsx";
import { closeSheet } from "../view/view-store.ts";
import { JsonFields } from "./JsonFields.tsx";
import { SourceFields } from "./SourceFields.tsx";
import { useJsonImport } from "./use-json-import.ts";
import { useSourceImport } from "./use-source-import.ts";

type ImportKind = "json" | ImportRequest["source"];

const kinds: readonly { readonly id: ImportKind; readonly label: string; readonly detail: string }[] = [
  { id: "json", label: "Shunt’s JSON", detail: "a whole configuration" },
  { id: "ssh-config", label: "SSH configuration", detail: "LocalForward lines" },
  { id: "amps-config", label: "AMPS configuration file", detail: "transports, admin, destinations" },
  { id: "nginx", label: "NGINX configuration", detail: "stream servers, locations" },
  { id: "haproxy", label: "HAProxy configuration", detail: "listen, frontend, backend" },
  { id: "amps-instance", label: "A running AMPS instance", detail: "read through its backend" },
];

/** Takes over what another file, or a running instance, says; nothing is saved before the operator has seen it. */
export function ImportSheet({ from }: { readonly from: ImportKind }) {
  const [kind, setKind] = useState(from);
  const json = useJsonImport();
  const source = useSourceImport(kind === "json" ? null : kind);
  const { ready, outcome, saving, submit } = kind === "json" ? json : source;
  return (
    <SheetFrame
      title="Import"
      onClose={closeSheet}
      onSubmit={submit}
      footer={
        <>
          <p className="sheet-preview" aria-live="polite">
            {outcome ?? "Nothing is changed before you import."}
          </p>
          <Button type="submit" look="primary" isDisabled={saving || !ready}>
            {saving ? "Importing…" : "Import"}
          </Button>
          <Button onPress={closeSheet}>Cancel</Button>
        </>
      }
    >
      <SelectField
        name="kind"
        label="From"
        value={kind}
        onChange={(id) => setKind(id as ImportKind)}
        sections={[{ options: kinds }]}
      />
      {kind === "json" ? <JsonFields {...json} /> : <SourceFields kind={kind} {...source} />}
    </SheetFrame>
  );
}
