import type { Dispatch, SetStateAction } from "react";
import type { TunnelConfig } from "../../../app/contract/config.ts";
import { CheckField, SelectField, TextField } from "../design/Field.tsx";
import { TagsField } from "../tags/TagsField.tsx";
import { type BackendDraft, usesTls } from "./backend-draft.ts";
import { EndpointFields } from "./EndpointFields.tsx";
import { TlsFields } from "./TlsFields.tsx";

export interface BackendFieldsProps {
  readonly draft: BackendDraft;
  readonly set: <Name extends keyof BackendDraft>(name: Name, value: BackendDraft[Name]) => void;
  readonly setDraft: Dispatch<SetStateAction<BackendDraft>>;
  readonly tunnels: readonly TunnelConfig[];
  readonly errorOf: (field: string) => string | undefined;
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

function NameFields({ draft, set, errorOf }: BackendFieldsProps) {
  return (
    <>
      <div className="field-grid">
        <TextField
          name="id"
          label="Name"
          placeholder="prod-1"
          mono
          value={draft.id}
          onChange={(value) => set("id", value)}
          error={errorOf("id")}
        />
        <TextField
          name="environment"
          label="Environment"
          placeholder="prod, uat, dev…"
          value={draft.environment}
          onChange={(value) => set("environment", value)}
          error={errorOf("environment")}
        />
      </div>
      <TextField
        name="label"
        label="Label"
        value={draft.label}
        onChange={(value) => set("label", value)}
        error={errorOf("label")}
      />
    </>
  );
}

function WayFields({ draft, set, setDraft, tunnels, errorOf, touch }: BackendFieldsProps) {
  return (
    <>
      <EndpointFields draft={draft} onChange={setDraft} errorOf={errorOf} onTouch={touch} />
      <SelectField
        name="via"
        label="Reached"
        value={draft.via}
        onChange={(value) => set("via", value)}
        error={errorOf("via")}
        sections={[{ options: [{ id: "", label: "Directly" }, ...tunnels.map(tunnelOption)] }]}
      />
      {usesTls(draft) && <TlsFields draft={draft} set={set} error={errorOf("tls")} />}
    </>
  );
}

function UseFields({ draft, set, errorOf }: BackendFieldsProps) {
  return (
    <>
      <div className="field-grid">
        <SelectField
          name="adminAccess"
          label="Admin access"
          value={draft.adminAccess}
          onChange={(value) => set("adminAccess", value as BackendDraft["adminAccess"])}
          error={errorOf("adminAccess")}
          sections={[{ options: accessChoices }]}
        />
        <TextField
          name="instanceName"
          label="Instance name"
          placeholder="where it differs from the name"
          value={draft.instanceName}
          onChange={(value) => set("instanceName", value)}
          error={errorOf("instanceName")}
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
      <TextField
        name="note"
        label="Note"
        lines={2}
        value={draft.note}
        onChange={(value) => set("note", value)}
        error={errorOf("note")}
      />
    </>
  );
}

function tunnelOption({ id, type, address }: TunnelConfig) {
  return { id, label: `Through ${id}`, detail: `${type} ${address}` };
}
