import type { ActivityEntry } from "../../../app/contract/activity.ts";

/** How many entries the engine and the mirror keep. */
const activityLimit = 1000;

/** The log with more entries, oldest first: one sent again (its count grew) replaces the one it had. */
export function mergeActivity(
  log: readonly ActivityEntry[],
  entries: readonly ActivityEntry[],
): readonly ActivityEntry[] {
  if (entries.length === 0) return log;
  const bySequence = new Map(log.map((entry) => [entry.sequence, entry]));
  for (const entry of entries) bySequence.set(entry.sequence, entry);
  return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence).slice(-activityLimit);
}
