/** What changed between two texts, line by line, with three lines around each change. */
import { structuredPatch } from "diff";

interface DiffLine {
  /** `gap` stands for lines that are alike on both sides and far from any change. */
  readonly kind: "same" | "added" | "removed" | "gap";
  readonly text: string;
  /** Line numbers from 1; null on the side that lacks the line. */
  readonly before: number | null;
  readonly after: number | null;
}

interface Difference {
  readonly lines: readonly DiffLine[];
  readonly added: number;
  readonly removed: number;
}

export function differenceOf(before: string, after: string): Difference {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: 3 });
  const lines: DiffLine[] = [];
  for (const hunk of hunks) {
    let [old, now] = [hunk.oldStart, hunk.newStart];
    if (old > 1 || now > 1) lines.push({ kind: "gap", text: `from line ${now}`, before: null, after: null });
    for (const line of hunk.lines) {
      const text = line.slice(1);
      if (line.startsWith("+")) lines.push({ kind: "added", text, before: null, after: now++ });
      else if (line.startsWith("-")) lines.push({ kind: "removed", text, before: old++, after: null });
      else if (line.startsWith(" ")) lines.push({ kind: "same", text, before: old++, after: now++ });
    }
  }
  const count = (kind: DiffLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  return { lines, added: count("added"), removed: count("removed") };
}
