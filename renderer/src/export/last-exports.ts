/** What was copied or saved last, per format and file name, kept in this browser or window: a diff needs a before. */
import type { ExportedFile, ExportFormat } from "../../../app/contract/export.ts";

const prefix = "shunt-export";

interface LastExport {
  readonly text: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

type Shelf = Pick<Storage, "getItem" | "setItem">;

const keyOf = (format: ExportFormat, name: string): string => `${prefix}:${format}:${name}`;

export function lastExport(shelf: Shelf, format: ExportFormat, name: string): LastExport | null {
  try {
    const kept: unknown = JSON.parse(shelf.getItem(keyOf(format, name)) ?? "null");
    if (typeof kept !== "object" || kept === null) return null;
    const { text, at } = kept as Readonly<Record<string, unknown>>;
    return typeof text === "string" && typeof at === "string" ? { text, at } : null;
  } catch {
    // Made unreadable by somebody else: as good as none.
    return null;
  }
}

/** False where it could not be kept: the next diff then has an older before, or none. */
export function keepExport(
  shelf: Shelf,
  format: ExportFormat,
  files: readonly ExportedFile[],
  now: Date,
): boolean {
  try {
    for (const { name, text } of files)
      shelf.setItem(
        keyOf(format, name),
        JSON.stringify({ text, at: now.toISOString() } satisfies LastExport),
      );
    return true;
  } catch {
    return false;
  }
}
