/** Which activity is listed. */
import type { ActivityEntry, Severity } from "../../../app/contract/activity.ts";
import type { Subject } from "../subjects/subject.ts";

export interface ActivityFilter {
  readonly severity: Severity | "all";
  /** Null: whatever it is about. */
  readonly about: Subject | null;
  readonly text: string;
}

const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

/** Newest first: those about one thing, at least as severe as asked, in which every word of the text is found. */
export function filterActivity(
  log: readonly ActivityEntry[],
  filter: ActivityFilter,
): readonly ActivityEntry[] {
  const { severity, about, text } = filter;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const least = severity === "all" ? 0 : rank[severity];
  return log
    .filter((entry) => {
      if (rank[entry.severity] < least || (about !== null && entry[about.kind] !== about.id)) return false;
      if (words.length === 0) return true;
      const { message, event, code, route, pool, backend, tunnel } = entry;
      const haystack = [message, event, code, route, pool, backend, tunnel].join(" ").toLowerCase();
      return words.every((word) => haystack.includes(word));
    })
    .reverse();
}
