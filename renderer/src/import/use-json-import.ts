import { useEffect, useMemo, useState } from "react";
import type { ConfigProblem, ShuntConfig } from "../../../app/contract/config.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { plural } from "../design/format.ts";
import { askWhenOpen } from "../edit/ask-when-open.ts";
import { changesBetween, endedRoutes, type RowChange } from "../edit/config-changes.ts";
import { type SheetSave, useSheetSave } from "../edit/use-sheet-save.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { closeSheet } from "../view/view-store.ts";
import { mergeConfig, readDocument } from "./import-config.ts";
import { tellImported } from "./tell-imported.ts";

const pauseMs = 200;

export interface JsonImport extends Pick<SheetSave, "saving" | "conflict" | "failure"> {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly way: "replace" | "merge";
  readonly setWay: (way: "replace" | "merge") => void;
  /** There is a configuration that could be added to. */
  readonly canMerge: boolean;
  /** Why the text is no document. */
  readonly unreadable: string | undefined;
  readonly problems: readonly ConfigProblem[];
  readonly ready: boolean;
  /** What would be different afterwards; empty while the text is not acceptable. */
  readonly changes: readonly RowChange[];
  readonly outcome: string | null;
  readonly submit: () => void;
}

/** A configuration from text or a file, checked, and put in place of what is there or beside it. */
export function useJsonImport(): JsonImport {
  const bridge = useBridge();
  const current = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const isEmpty = current.backends.length === 0 && current.routes.length === 0;
  const [text, setText] = useState("");
  const [way, setWay] = useState<"replace" | "merge">(isEmpty ? "replace" : "merge");
  const document = useMemo(() => readDocument(text), [text]);
  const wanted = useMemo(
    () => (document.ok ? mergeConfig(current, document.value, way) : null),
    [current, document, way],
  );
  const wantedText = useMemo(() => (wanted ? JSON.stringify(wanted) : null), [wanted]);
  const [checked, setChecked] = useState<{ of: string; problems: readonly ConfigProblem[] } | null>(null);
  useEffect(() => {
    if (wantedText === null) return;
    const check = async (): Promise<void> => {
      const reply = await bridge.call("config.check", { config: JSON.parse(wantedText) as unknown });
      if (reply.ok) setChecked({ of: wantedText, problems: reply.value });
    };
    const timer = setTimeout(() => void check(), pauseMs);
    return () => clearTimeout(timer);
  }, [bridge, wantedText]);
  const problems = checked && checked.of === wantedText ? checked.problems : null;
  const { save, saving, conflict, failure } = useSheetSave({
    rowOf: (config) => config,
    edit: (config) => (document.ok ? mergeConfig(config, document.value, way) : config),
    onSaved: (saved) => {
      closeSheet();
      tellImported(bridge, saved);
    },
  });
  const ready = wanted !== null && problems?.length === 0;
  const changes = useMemo(
    () => (ready && wanted ? changesBetween(current, wanted) : []),
    [ready, current, wanted],
  );
  const submit = (): void => {
    if (!ready) return;
    askWhenOpen({
      ids: endedRoutes(current, wanted),
      title: "Import?",
      go: (graceMs) => void save(graceMs),
    });
  };
  return {
    ...{ text, setText, way, setWay, saving, conflict, failure, submit, ready },
    canMerge: !isEmpty,
    unreadable: !document.ok && text.trim() !== "" ? document.message : undefined,
    problems: problems ?? [],
    changes,
    outcome: ready
      ? `Then there are ${plural(wanted.routes.length, "route")} and ${plural(wanted.backends.length, "backend")}.`
      : wanted !== null && problems === null
        ? "Checking…"
        : null,
  };
}
