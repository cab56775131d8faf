import type { Dispatch, SetStateAction } from "react";
import type { TunnelConfig } from "../../../app/contract/config.ts";
import { CheckField, SelectField, TextField } from "../design/Field.tsx";
import { type DraftForm, fieldOf } from "../edit/draft-form.ts";
import { TagsField } from "../tags/TagsField.tsx";
import { type BackendDraft, usesTls } from "./backend-draft.ts";
import { EndpointFields } from "./EndpointFields.tsx";
import { TlsFields } from "./TlsFields.tsx";

interface BackendFieldsProps extends DraftForm<BackendDraft> {
  readonly setDraft: Dispatch<SetStateAction<BackendDraft>>;
  readonly tunnels: readonly TunnelConfig[];
  readonly touch: (field: string) => void;
}

const accessChoices = [
  { id: "default", label: "By environment", detail: "read-only where it is prod" },
  { id: "full", label: "Full" },
  { id: "read-only", label: "Read-only", detail: "Shunt refuses administrative actions" },
] as const;

/** What a backend is called, how it is reached, and what is done with it there. */
export function BackendFields(props: BackendFieldsProps) {
  return (
    <>
      <NameFields {...props} />
      <WayFields {...props} />
      <UseFields {...props} />
    </>
  );
}

function NameFields(form: DraftForm<BackendDraft>) {
  return (
    <>
      <div className="field-grid">
        <TextField {...fieldOf(form, "id")} label="Name" placeholder="prod-1" mono />
        <TextField {...fieldOf(form, "environment")} label="Environment" placeholder="prod, uat, dev…" />
      </div>
      <TextField {...fieldOf(form, "label")} label="Label" />
    </>
  );
}

function WayFields({ setDraft, tunnels, touch, ...form }: BackendFieldsProps) {
  const { draft, set, errorOf } = form;
  return (
    <>
      <EndpointFields draft={draft} onChange={setDraft} errorOf={errorOf} onTouch={touch} />
      <SelectField
        {...fieldOf(form, "via")}
        label="Reached"
        sections={[{ options: [{ id: "", label: "Directly" }, ...tunnels.map(tunnelOption)] }]}
      />
      {usesTls(draft) && <TlsFields draft={draft} set={set} error={errorOf("tls")} />}
    </>
  );
}

function UseFields(form: DraftForm<BackendDraft>) {
  const { draft, set, errorOf } = form;
  return (
    <>
      <div className="field-grid">
        <SelectField
          {...fieldOf(form, "adminAccess")}
          label="Admin access"
          sections={[{ options: accessChoices }]}
        />
        <TextField
          {...fieldOf(form, "instanceName")}
          label="Instance name"
          placeholder="where it differs from the name"
        />
      </div>
      <CheckField isSelected={draft.drained} onChange={(on) => set("drained", on)}>
        <span>
          Drained <span className="soft">(takes no new connections; open ones live on)</span>
        </span>
      </CheckField>
      <TagsField
        name="tags"
        label="Tags"
        tags={draft.tags}
        onChange={(value) => set("tags", value)}
        error={errorOf("tags")}
      />
      <TextField {...fieldOf(form, "note")} label="Note" lines={2} />
    </>
  );
}

function tunnelOption({ id, type, address }: TunnelConfig) {
  return { id, label: `Through ${id}`, detail: `${type} ${address}` };
}
