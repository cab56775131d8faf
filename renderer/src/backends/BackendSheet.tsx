import { useState } from "react";
import type { BackendConfig, ShuntConfig, TunnelConfig } from "../../../app/contract/config.ts";
import { Button } from "../design/Button.tsx";
import { CheckField, SelectField, TextField } from "../design/Field.tsx";
import { plural } from "../design/format.ts";
import { SheetFrame } from "../design/Sheet.tsx";
import { freeId, usersOf, withBackend } from "../edit/config-edit.ts";
import { SheetNotices } from "../edit/SheetNotices.tsx";
import { useRowSheet } from "../edit/use-row-sheet.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { closeSheet } from "../view/view-store.ts";
import { type BackendDraft, backendOfDraft, draftOfBackend, usesTls } from "./backend-draft.ts";
import { TagsField } from "../tags/TagsField.tsx";
import { EndpointFields } from "./EndpointFields.tsx";
import { TlsFields } from "./TlsFields.tsx";

export interface BackendSheetProps {
  readonly id: string | null;
  readonly like: string | null;
  /** What a new one begins as, filled in by whoever opened the form. */
  readonly preset: BackendConfig | null;
}

const accessChoices = [
  { id: "default", label: "By environment", detail: "read-only where it is prod" },
  { id: "full", label: "Full" },
  { id: "read-only", label: "Read-only", detail: "Shunt refuses administrative actions" },
] as const;

/** Creates or edits one backend. */
export function BackendSheet({ id, like, preset }: BackendSheetProps) {
  const config = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const open = useMirror((mirror) => mirror.backends.find((backend) => backend.id === id)?.connections ?? 0);
  const before = config.backends.find((backend) => backend.id === id) ?? null;
  const [model] = useState(
    () => before ?? preset ?? config.backends.find((backend) => backend.id === like) ?? null,
  );
  const [draft, setDraft] = useState(() => startDraft(config, before, model));
  const backend = backendOfDraft(draft, before ?? model);
  const edit = (onto: ShuntConfig): ShuntConfig => withBackend(onto, backend, id);
  const { errorOf, touch, set, submit, saving, notices } = useRowSheet<BackendDraft>({
    collection: "backends",
    noun: "Backend",
    id,
    draftId: backend.id,
    setDraft,
    edit,
  });

  return (
    <SheetFrame
      title={id === null ? "New backend" : `Backend ${id}`}
      onClose={closeSheet}
      onSubmit={() => void submit()}
      footer={
        <>
          <p className="sheet-preview" aria-live="polite">
            {previewBackend(config, before, backend, open)}
          </p>
          <Button type="submit" look="primary" isDisabled={saving}>
            {id === null ? "Create backend" : "Save"}
          </Button>
          <Button onPress={closeSheet}>Cancel</Button>
        </>
      }
    >
      <SheetNotices {...notices} />
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
      <EndpointFields draft={draft} onChange={setDraft} errorOf={errorOf} onTouch={touch} />
      <SelectField
        name="via"
        label="Reached"
        value={draft.via}
        onChange={(value) => set("via", value)}
        error={errorOf("via")}
        sections={[{ options: [{ id: "", label: "Directly" }, ...config.tunnels.map(tunnelOption)] }]}
      />
      {usesTls(draft) && <TlsFields draft={draft} set={set} error={errorOf("tls")} />}
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
    </SheetFrame>
  );
}

function tunnelOption({ id, type, address }: TunnelConfig) {
  return { id, label: `Through ${id}`, detail: `${type} ${address}` };
}

function startDraft(
  config: ShuntConfig,
  before: BackendConfig | null,
  model: BackendConfig | null,
): BackendDraft {
  const draft = draftOfBackend(before ?? model);
  const taken = [...config.backends, ...config.pools];
  if (before || !model || !taken.some((other) => other.id === model.id)) return draft;
  return { ...draft, id: freeId(model.id, taken) };
}

function previewBackend(
  config: ShuntConfig,
  before: BackendConfig | null,
  after: BackendConfig,
  open: number,
): string {
  if (!before) return "Probed as soon as it is saved.";
  const users = usersOf(config, before.id);
  const used = users.length > 0 ? `Used by ${users.join(", ")}.` : "Used by no route yet.";
  const renamed = before.id !== after.id && users.length > 0 ? " They follow the new name." : "";
  return `${used}${renamed}${open > 0 ? ` ${plural(open, "open connection")} keep the old settings.` : ""}`;
}
