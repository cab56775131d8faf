import type { Dispatch, SetStateAction } from "react";
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { closeSheet } from "../view/view-store.ts";
import { rowIndex } from "./config-edit.ts";
import { hasProblems, sortProblems } from "./problems.ts";
import { tellSaved } from "./tell-saved.ts";
import { useDraftCheck } from "./use-draft-check.ts";
import { useSheetSave } from "./use-sheet-save.ts";
import { useTouched } from "./use-touched.ts";

interface RowSheetOptions<Draft> {
  readonly collection: "backends" | "pools" | "tunnels";
  /** As the toast begins: `Backend`. */
  readonly noun: string;
  /** Null for a new row. */
  readonly id: string | null;
  /** The id that the draft gives it. */
  readonly draftId: string;
  readonly setDraft: Dispatch<SetStateAction<Draft>>;
  /** The document with the draft in it. */
  readonly edit: (onto: ShuntConfig) => ShuntConfig;
}

/** What the sheets of one row share: checked while it is typed and once more before it is saved, then closed. */
export function useRowSheet<Draft>({
  collection,
  noun,
  id,
  draftId,
  setDraft,
  edit,
}: RowSheetOptions<Draft>) {
  const bridge = useBridge();
  const config = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const check = useDraftCheck(edit(config));
  const row = `${collection}[${rowIndex(config[collection], id)}]`;
  const problems = sortProblems(check.problems, row);
  const touched = useTouched(problems.byField);
  const { errorOf, touch } = touched;
  const { save, saving, conflict, failure } = useSheetSave({
    rowOf: (document) => document[collection].find((other) => other.id === id),
    edit,
    onSaved: (saved) => {
      closeSheet();
      tellSaved(bridge, `${noun} ${draftId} ${id === null ? "created" : "saved"}.`, saved);
    },
  });
  const set = <Name extends keyof Draft & string>(name: Name, value: Draft[Name]): void => {
    touch(name);
    setDraft((now) => ({ ...now, [name]: value }));
  };
  const submit = async (): Promise<void> => {
    const found = sortProblems(await check.checkNow(), row);
    if (hasProblems(found)) touched.showAll(found.byField);
    else await save();
  };
  const notices = {
    conflict,
    failure,
    ofRow: touched.all ? problems.ofRow : [],
    elsewhere: problems.elsewhere,
  };
  return { errorOf, touch, set, submit, saving, notices };
}
