import { useEffect, useState } from "react";
import { FileTrigger } from "react-aria-components";
import type { ConfigProblem, ShuntConfig } from "../../../app/contract/config.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { Segments, TextField } from "../design/Field.tsx";
import { plural } from "../design/format.ts";
import { SheetFrame } from "../design/Sheet.tsx";
import { ProblemList, SheetNotices } from "../edit/SheetNotices.tsx";
import { useSheetSave } from "../edit/use-sheet-save.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { showToast } from "../view/toasts.ts";
import { closeSheet } from "../view/view-store.ts";
import { askWhenOpen } from "../routes/route-actions.ts";
import { endedByImport, mergeConfig, readDocument } from "./import-config.ts";

const pauseMs = 200;

/** Takes a configuration from text or a file, checks it and puts it in place, or beside what is there. */
export function ImportSheet() {
  const bridge = useBridge();
  const current = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const isEmpty = current.backends.length === 0 && current.routes.length === 0;
  const [text, setText] = useState("");
  const [way, setWay] = useState<"replace" | "merge">(isEmpty ? "replace" : "merge");
  const document = readDocument(text);
  const wanted = document.ok ? mergeConfig(current, document.value, way) : null;
  const wantedText = wanted ? JSON.stringify(wanted) : null;
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
      showToast({
        tone: "ok",
        text: `Imported: ${plural(saved.config.routes.length, "route")} in the configuration.`,
      });
    },
  });
  const submit = (): void => {
    if (!wanted || problems === null || problems.length > 0) return;
    askWhenOpen({
      ids: endedByImport(current, wanted),
      title: "Import?",
      go: (graceMs) => void save(graceMs),
    });
  };
  const readFile = async (files: FileList | null): Promise<void> => {
    const file = files?.[0];
    if (file) setText(await file.text());
  };
  return (
    <SheetFrame
      title="Import configuration"
      onClose={closeSheet}
      onSubmit={submit}
      footer={
        <>
          <p className="sheet-preview" aria-live="polite">
            {wanted && problems?.length === 0
              ? `Then there are ${plural(wanted.routes.length, "route")} and ${plural(wanted.backends.length, "backend")}.`
              : "Nothing is changed before you import."}
          </p>
          <Button type="submit" look="primary" isDisabled={saving || problems?.length !== 0}>
            Import
          </Button>
          <Button onPress={closeSheet}>Cancel</Button>
        </>
      }
    >
      <SheetNotices conflict={conflict} failure={failure} ofRow={[]} elsewhere={[]} />
      <div className="row-actions">
        <FileTrigger
          acceptedFileTypes={["application/json", ".json"]}
          onSelect={(files) => void readFile(files)}
        >
          <Button>Choose a file…</Button>
        </FileTrigger>
        {!isEmpty && (
          <Segments
            label="What happens to the present configuration"
            value={way}
            onChange={setWay}
            options={[
              { id: "merge", label: "Add to what is there" },
              { id: "replace", label: "Replace everything" },
            ]}
          />
        )}
      </div>
      <TextField
        name="json"
        label="Configuration, version 1"
        mono
        lines={18}
        autoFocus
        placeholder={'{ "version": 1, "tunnels": [], "backends": [ … ], "pools": [], "routes": [ … ] }'}
        value={text}
        onChange={setText}
        error={!document.ok && text.trim() !== "" ? document.message : undefined}
      />
      {problems && problems.length > 0 && (
        <div className="notice" data-tone="bad" role="alert">
          {plural(problems.length, "problem")}:
          <ProblemList problems={problems} />
        </div>
      )}
    </SheetFrame>
  );
}
