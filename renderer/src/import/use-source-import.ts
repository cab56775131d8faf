import { useEffect, useMemo, useState } from "react";
import type { ConfigProblem, ShuntConfig } from "../../../app/contract/config.ts";
import type { Failure } from "../../../app/contract/failures.ts";
import type { ImportPreview, ImportRequest } from "../../../app/contract/import.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useDraftCheck } from "../edit/use-draft-check.ts";
import { type SheetSave, useSheetSave } from "../edit/use-sheet-save.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { closeSheet } from "../view/view-store.ts";
import { describeChosen, suggestedItems, toggleItem, withChosen } from "./choose-items.ts";
import { tellImported } from "./tell-imported.ts";

const pauseMs = 200;

/** A file that was chosen: its text is never shown, since it may hold passwords. */
interface ChosenFile {
  readonly name: string;
  readonly text: string;
}

/** What the form of a source holds. */
interface SourceInput {
  readonly file: ChosenFile | null;
  /** What was pasted instead of a file; blank for nothing. */
  readonly pasted: string;
  /** AMPS file: where it came from. */
  readonly host: string;
  /** AMPS file: the tunnel that leads there; empty for none. */
  readonly via: string;
  /** The backend whose instance is read; empty for none yet. */
  readonly backend: string;
}

export type SourceKind = ImportRequest["source"];

interface Answer {
  readonly of: string;
  readonly preview: ImportPreview | null;
  readonly failure: Failure | null;
  readonly chosen: ReadonlySet<string>;
}

export interface SourceImport extends Pick<SheetSave, "saving" | "conflict" | "failure"> {
  readonly input: SourceInput;
  readonly setInput: (input: SourceInput) => void;
  readonly reading: boolean;
  readonly preview: ImportPreview | null;
  /** Why the source could not be read. */
  readonly unread: Failure | null;
  readonly chosen: ReadonlySet<string>;
  readonly toggle: (key: string, on: boolean) => void;
  readonly problems: readonly ConfigProblem[];
  readonly ready: boolean;
  readonly outcome: string | null;
  readonly submit: () => void;
}

const empty: SourceInput = { file: null, pasted: "", host: "", via: "", backend: "" };

/** Null while the form says too little to ask. */
function requestOf(kind: SourceKind | null, input: SourceInput): ImportRequest | null {
  const { file, pasted, host, via, backend } = input;
  const text = file?.text ?? (pasted.trim() === "" ? null : pasted);
  switch (kind) {
    case "ssh-config":
      return { source: kind, text };
    case "amps-config":
      return text === null ? null : { source: kind, text, host: host.trim() || null, via: via || null };
    case "nginx":
    case "haproxy":
      return text === null ? null : { source: kind, text };
    case "amps-instance":
      return backend === "" ? null : { source: kind, backend };
    default:
      return null;
  }
}

/** Another program's file or a running instance, as items to choose from; null while something else is imported. */
export function useSourceImport(kind: SourceKind | null): SourceImport {
  const bridge = useBridge();
  const current = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const [inputs, setInputs] = useState<Partial<Record<SourceKind, SourceInput>>>({});
  const input = (kind && inputs[kind]) ?? empty;
  const request = requestOf(kind, input);
  const asked = request && JSON.stringify(request);
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => {
    if (asked === null) return;
    let wanted = true;
    const ask = async (): Promise<void> => {
      const reply = await bridge.call("import.preview", JSON.parse(asked) as ImportRequest);
      if (!wanted) return;
      const preview = reply.ok ? reply.value : null;
      const chosen = preview ? suggestedItems(preview) : new Set<string>();
      setAnswer({ of: asked, preview, failure: reply.ok ? null : reply.failure, chosen });
    };
    const timer = setTimeout(() => void ask(), pauseMs);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [bridge, asked]);
  const now = answer?.of === asked ? answer : null;
  const items = now?.preview?.items ?? [];
  const chosen = now?.chosen ?? new Set<string>();
  const edit = (config: ShuntConfig): ShuntConfig => withChosen(config, items, chosen);
  const draft = useMemo(
    () => withChosen(current, now?.preview?.items ?? [], now?.chosen ?? new Set()),
    [current, now],
  );
  const { problems } = useDraftCheck(draft);
  const outcome = describeChosen(items, chosen);
  const { save, saving, conflict, failure } = useSheetSave({
    rowOf: (config) => config,
    edit,
    onSaved: (saved) => {
      closeSheet();
      tellImported(bridge, saved);
    },
  });
  const ready = outcome !== null && problems.length === 0;
  return {
    input,
    setInput: (next) => kind && setInputs({ ...inputs, [kind]: next }),
    reading: asked !== null && now === null,
    preview: now?.preview ?? null,
    unread: now?.failure ?? null,
    chosen,
    toggle: (key, on) => now && setAnswer({ ...now, chosen: toggleItem(items, now.chosen, key, on) }),
    problems: outcome === null ? [] : problems,
    ...{ ready, outcome, saving, conflict, failure },
    submit: () => void (ready && save()),
  };
}
