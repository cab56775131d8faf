import { useState } from "react";
import type { BackendConfig, ShuntConfig } from "../../../app/contract/config.ts";
import { plural } from "../design/format.ts";
import { SheetFrame } from "../design/Sheet.tsx";
import { freeId, usersOf, withBackend } from "../edit/config-edit.ts";
import { SheetFooter } from "../edit/SheetFooter.tsx";
import { SheetNotices } from "../edit/SheetNotices.tsx";
import { useRowSheet } from "../edit/use-row-sheet.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { closeSheet } from "../view/view-store.ts";
import { type BackendDraft, backendOfDraft, draftOfBackend } from "./backend-draft.ts";
import { BackendFields } from "./BackendFields.tsx";

interface BackendSheetProps {
  readonly id: string | null;
  readonly like: string | null;
  /** What a new one begins as, filled in by whoever opened the form. */
  readonly preset: BackendConfig | null;
}

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
        <SheetFooter
          preview={previewBackend(config, before, backend, open)}
          action={id === null ? "Create backend" : "Save"}
          isDisabled={saving}
        />
      }
    >
      <SheetNotices {...notices} />
      <BackendFields
        draft={draft}
        set={set}
        setDraft={setDraft}
        tunnels={config.tunnels}
        errorOf={errorOf}
        touch={touch}
      />
    </SheetFrame>
  );
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
