import { useState } from "react";
import type { BalancePolicy, LoadFigure, ShuntConfig } from "../../../app/contract/config.ts";
import { SelectField, TextField } from "../design/Field.tsx";
import { SheetFrame } from "../design/Sheet.tsx";
import { freeId, withPool } from "../edit/config-edit.ts";
import { fieldOf } from "../edit/draft-form.ts";
import { SheetFooter } from "../edit/SheetFooter.tsx";
import { SheetNotices } from "../edit/SheetNotices.tsx";
import { useRowSheet } from "../edit/use-row-sheet.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { closeSheet } from "../view/view-store.ts";
import { DeclaredLinks } from "./DeclaredLinks.tsx";
import { draftOfPool, type PoolDraft, poolOfDraft } from "./pool-draft.ts";
import { PoolMembers } from "./PoolMembers.tsx";

const policies: readonly { readonly id: BalancePolicy; readonly label: string; readonly detail: string }[] = [
  { id: "primary", label: "Primary", detail: "the first member that is up" },
  { id: "round-robin", label: "Round robin", detail: "in turn, by weight" },
  { id: "least-connections", label: "Least connections", detail: "fewest through Shunt" },
  { id: "least-load", label: "Least load", detail: "by the admin statistics" },
];

const loads: readonly { readonly id: LoadFigure; readonly label: string }[] = [
  { id: "cpu", label: "CPU" },
  { id: "memory", label: "Memory" },
  { id: "clients", label: "Clients" },
];

/** Creates or edits one pool. */
export function PoolSheet({ id, like }: { readonly id: string | null; readonly like: string | null }) {
  const config = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const before = config.pools.find((pool) => pool.id === id) ?? null;
  const [model] = useState(() => before ?? config.pools.find((pool) => pool.id === like) ?? null);
  const [draft, setDraft] = useState<PoolDraft>(() => {
    const start = draftOfPool(model);
    return before || !model
      ? start
      : { ...start, id: freeId(model.id, [...config.backends, ...config.pools]) };
  });
  const pool = poolOfDraft(draft, before ?? model);
  const edit = (onto: ShuntConfig): ShuntConfig => withPool(onto, pool, id);
  const { errorOf, set, submit, saving, notices } = useRowSheet<PoolDraft>({
    collection: "pools",
    noun: "Pool",
    id,
    draftId: pool.id,
    setDraft,
    edit,
  });
  const form = { draft, set, errorOf };

  return (
    <SheetFrame
      title={id === null ? "New pool" : `Pool ${id}`}
      onClose={closeSheet}
      onSubmit={() => void submit()}
      footer={
        <SheetFooter
          preview="Balancing places new connections; one that is open never moves."
          action={id === null ? "Create pool" : "Save"}
          isDisabled={saving}
        />
      }
    >
      <SheetNotices {...notices} />
      <TextField {...fieldOf(form, "id")} label="Name" placeholder="prod" mono />
      <SelectField {...fieldOf(form, "balance")} label="Balance" sections={[{ options: policies }]} />
      {draft.balance === "least-load" && (
        <SelectField {...fieldOf(form, "load")} label="Load figure" sections={[{ options: loads }]} />
      )}
      <PoolMembers
        draft={draft}
        backends={config.backends}
        onMembers={(members) => set("members", members)}
        onWeights={(weights) => set("weights", weights)}
        error={errorOf("members") ?? errorOf("weights")}
      />
      <DeclaredLinks
        members={draft.members}
        links={draft.links}
        onLinks={(links) => set("links", links)}
        error={errorOf("links")}
      />
      <TextField
        {...fieldOf(form, "agent")}
        label="HAProxy agent-check"
        placeholder="127.0.0.1:9101"
        mono
        hint="Where an HAProxy beside Shunt asks who is active and how loaded each member is. Empty: nowhere."
      />
      <TextField {...fieldOf(form, "note")} label="Note" lines={2} />
    </SheetFrame>
  );
}
