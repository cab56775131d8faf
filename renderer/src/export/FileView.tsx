import { useMemo } from "react";
import type { ExportedFile } from "../../../app/contract/export.ts";
import { CodeLines } from "./CodeLines.tsx";
import { differenceOf } from "./diff-lines.ts";
import { linesOf } from "./highlight.ts";

/** A file in its colours. */
export function FileView({ file }: { readonly file: ExportedFile }) {
  const lines = useMemo(() => linesOf(file.text, file.language), [file]);
  return (
    <CodeLines
      label={file.name}
      count={lines.length}
      numberOf={(index) => index + 1}
      lineOf={(index) =>
        lines[index]?.map(({ kind, text }, n) => (
          <span key={n} data-token={kind ?? undefined}>
            {text}
          </span>
        ))
      }
    />
  );
}

const signs = { same: " ", added: "+", removed: "−", gap: "⋯" } as const;

/** What a file has that the one before had not, and the other way round. */
export function DiffView({ file, before }: { readonly file: ExportedFile; readonly before: string }) {
  const { lines, added, removed } = useMemo(() => differenceOf(before, file.text), [before, file.text]);
  if (added + removed === 0)
    return (
      <div className="blank">
        <p className="soft">Nothing has changed since the last export.</p>
      </div>
    );
  return (
    <CodeLines
      label={`Changes of ${file.name}: ${added} lines added, ${removed} removed`}
      count={lines.length}
      numberOf={(index) => lines[index]?.after ?? lines[index]?.before}
      kindOf={(index) => lines[index]?.kind ?? "same"}
      lineOf={(index) => {
        const line = lines[index];
        return line && `${signs[line.kind]} ${line.text}`;
      }}
    />
  );
}
