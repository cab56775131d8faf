import { Copy, Download } from "lucide-react";
import { useState } from "react";
import type { ExportedFile, ExportFormat, ExportPreview } from "../../../app/contract/export.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { CheckField, Segments, TextField } from "../design/Field.tsx";
import { formatClock } from "../design/format.ts";
import { copyText } from "../design/copy-text.ts";
import { StateMark } from "../design/StateMark.tsx";
import { useNow } from "../design/use-now.ts";
import { showToast } from "../view/toasts.ts";
import { useView } from "../view/view-store.ts";
import { exportFormats } from "./export-formats.ts";
import { DiffView, FileView } from "./FileView.tsx";
import { keepExport, lastExport } from "./last-exports.ts";
import { NotExpressedList } from "./NotExpressedList.tsx";
import { saveFiles } from "../design/save-files.ts";
import { useExport } from "./use-export.ts";

/** The saved routes as files for something else, with what those cannot say. */
export function ExportScreen() {
  const { exportFormat, exportHost, exportAnnotated } = useView();
  const { reply, sinceMs, stop, again } = useExport({
    format: exportFormat,
    publicHost: exportHost.trim(),
    annotate: exportAnnotated,
  });
  const purpose = exportFormats.find(({ id }) => id === exportFormat)?.purpose;
  return (
    <div className="screen export">
      <div className="toolbar export-options">
        <Segments
          label="Format"
          value={exportFormat}
          onChange={(format) => useView.setState({ exportFormat: format })}
          options={exportFormats}
        />
        <TextField
          name="publicHost"
          label="Public host"
          mono
          placeholder="none: loopback only"
          value={exportHost}
          onChange={(host) => useView.setState({ exportHost: host })}
        />
        <CheckField
          isSelected={exportAnnotated}
          onChange={(annotate) => useView.setState({ exportAnnotated: annotate })}
        >
          Leave out, with a comment, what it cannot express
        </CheckField>
        <span className="soft export-purpose">{purpose}</span>
      </div>
      {sinceMs !== null && <UnderWay sinceMs={sinceMs} onStop={stop} />}
      {reply?.ok === false && sinceMs === null && (
        <div className="notice" data-tone="bad" role="alert">
          {reply.failure.message} <span className="soft">{reply.failure.advice}</span>
          <Button size="small" onPress={again}>
            Make it again
          </Button>
        </div>
      )}
      {reply?.ok && <Preview key={exportFormat} format={exportFormat} preview={reply.value} />}
    </div>
  );
}

/** Said of what takes longer than a moment; thousands of routes do. */
const momentMs = 600;

function UnderWay({ sinceMs, onStop }: { readonly sinceMs: number; readonly onStop: () => void }) {
  const forMs = useNow(200) - sinceMs;
  if (forMs < momentMs) return null;
  return (
    <div className="notice" data-tone="busy" role="status">
      <StateMark condition={{ tone: "busy", shape: "spinner", word: "Making the export" }} />
      <span>
        Making the export… <span className="soft">{Math.floor(forMs / 1000)} s</span>
      </span>
      <Button size="small" onPress={onStop}>
        Stop
      </Button>
    </div>
  );
}

function Preview({ format, preview }: { readonly format: ExportFormat; readonly preview: ExportPreview }) {
  const { files, notExpressed } = preview;
  const [chosen, setChosen] = useState<string | null>(null);
  const file = files.find(({ name }) => name === chosen) ?? files[0];
  return (
    <div className="export-body">
      {notExpressed.length > 0 && <NotExpressedList list={notExpressed} />}
      {file ? (
        <>
          {files.length > 1 && (
            <div className="export-files">
              <Segments
                label="File"
                value={file.name}
                onChange={setChosen}
                options={files.map(({ name }) => ({ id: name, label: name }))}
              />
            </div>
          )}
          <ExportedFileView key={`${format} ${file.name}`} format={format} file={file} all={files} />
        </>
      ) : (
        <div className="blank">
          <h2>Nothing is exported</h2>
          <p className="soft">
            {notExpressed.some(({ outcome }) => outcome === "refused")
              ? "What is refused above would be lost without a word. Change it, or leave it out with a comment."
              : "There is no route that this format could carry."}
          </p>
          {notExpressed.some(({ outcome }) => outcome === "refused") && (
            <Button onPress={() => useView.setState({ exportAnnotated: true })}>Leave it out</Button>
          )}
        </div>
      )}
    </div>
  );
}

interface ExportedFileViewProps {
  readonly format: ExportFormat;
  readonly file: ExportedFile;
  readonly all: readonly ExportedFile[];
}

function ExportedFileView({ format, file, all }: ExportedFileViewProps) {
  const bridge = useBridge();
  // The last export stays what it was until the operator comes back: a copy must not empty its own diff.
  const [before] = useState(() => lastExport(localStorage, format, file.name));
  const [exportedAt, setExportedAt] = useState(before?.at ?? null);
  const [compared, setCompared] = useState(false);
  const changed = before !== null && before.text !== file.text;
  const keep = (files: readonly ExportedFile[]): void => {
    const now = new Date();
    if (keepExport(localStorage, format, files, now)) setExportedAt(now.toISOString());
  };
  const copy = async (): Promise<void> => {
    if (!(await copyText(bridge, file.text)))
      return showToast({ tone: "bad", text: "The clipboard cannot be reached here. Save the file instead." });
    keep([file]);
    showToast({ tone: "ok", text: `${file.name} copied.` });
  };
  const save = async (): Promise<void> => {
    const said = await saveFiles(bridge, all);
    if (said === null) return;
    keep(all);
    showToast({ tone: "ok", text: said });
  };
  return (
    <>
      <div className="export-bar">
        {all.length === 1 && <strong className="mono">{file.name}</strong>}
        {before && (
          <Segments
            label="View"
            value={compared ? "changes" : "file"}
            onChange={(view) => setCompared(view === "changes")}
            options={[
              { id: "file", label: "File" },
              { id: "changes", label: changed ? "Changes" : "No changes" },
            ]}
          />
        )}
        <span className="soft">
          {exportedAt ? `Last exported ${formatClock(exportedAt, new Date())}` : "Not exported from here yet"}
        </span>
        <span className="export-actions">
          <Button onPress={() => void copy()}>
            <Copy aria-hidden />
            Copy
          </Button>
          <Button look="primary" onPress={() => void save()}>
            <Download aria-hidden />
            {all.length > 1 ? `Save ${all.length} files…` : "Save…"}
          </Button>
        </span>
      </div>
      {compared && before ? <DiffView file={file} before={before.text} /> : <FileView file={file} />}
    </>
  );
}
