/** What happened, newest last, bounded; like entries in quick succession are folded into one with a count. */
import type { ActivityEntry } from "../contract/activity.ts";
import { redact } from "../redact.ts";

export type ActivityNote = Omit<ActivityEntry, "sequence" | "time" | "count">;

const mostEntries = 1_000;
const foldWindowMs = 10_000;
/** A folded entry is told again at most this often. */
const retellMs = 1_000;

export interface ActivityLog {
  note(note: ActivityNote): void;
  entries(): readonly ActivityEntry[];
  /** Called with new entries, and again (same sequence, higher count) with folded ones. */
  onEntries(listener: (entries: readonly ActivityEntry[]) => void): () => void;
  close(): void;
}

interface Folded {
  entry: ActivityEntry;
  readonly firstMs: number;
}

export function createActivityLog(now: () => number = Date.now): ActivityLog {
  const kept: ActivityEntry[] = [];
  const recent = new Map<string, Folded>();
  const waiting = new Map<string, Folded>();
  const listeners = new Set<(entries: readonly ActivityEntry[]) => void>();
  let sequence = 0;
  let retell: NodeJS.Timeout | null = null;

  const tell = (entries: readonly ActivityEntry[]): void => {
    for (const listener of listeners) listener(entries);
  };
  const tellFolded = (): void => {
    retell = null;
    const entries = [...waiting.values()].map((folded) => folded.entry);
    waiting.clear();
    tell(entries);
  };
  const replace = (key: string, folded: Folded, note: ActivityNote): void => {
    const at = kept.findIndex((entry) => entry.sequence === folded.entry.sequence);
    const count = (folded.entry.count ?? 1) + 1;
    folded.entry = { ...note, sequence: folded.entry.sequence, time: new Date(now()).toISOString(), count };
    if (at >= 0) kept[at] = folded.entry;
    waiting.set(key, folded);
    retell ??= setTimeout(tellFolded, retellMs).unref();
  };
  return {
    note(given) {
      const note = { ...given, message: redact(given.message) };
      const key = keyOf(note);
      const earlier = key === null ? undefined : recent.get(key);
      if (key !== null && earlier && now() - earlier.firstMs < foldWindowMs)
        return replace(key, earlier, note);
      const entry: ActivityEntry = { ...note, sequence: ++sequence, time: new Date(now()).toISOString() };
      kept.push(entry);
      if (kept.length > mostEntries) kept.shift();
      if (recent.size > mostEntries) recent.clear();
      if (key !== null) recent.set(key, { entry, firstMs: now() });
      tell([entry]);
    },
    entries: () => [...kept],
    onEntries(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      if (retell) clearTimeout(retell);
    },
  };
}

/** Entries fold when event, code, route and backend agree; state changes never do: null. */
function keyOf(note: ActivityNote): string | null {
  const folds =
    note.event === "connection-refused" ||
    note.event === "connection-failed" ||
    note.event === "connection-closed";
  return folds ? [note.event, note.code, note.route, note.backend].join("|") : null;
}
