/** Tells what a new sample shows: a restart, a downgrade, and a link that counts as sync again. */
import type { ActivityNote } from "../engine/activity-log.ts";
import type { SourceKnowledge } from "./link-knowledge.ts";

interface ChangesToTell {
  readonly backend: string;
  readonly before: SourceKnowledge | null;
  readonly after: SourceKnowledge;
  readonly restarted: boolean;
  readonly note: (note: ActivityNote) => void;
}

export function tellChanges({ backend, before, after, restarted, note }: ChangesToTell): void {
  if (restarted)
    note({
      event: "backend-restarted",
      severity: "info",
      backend,
      message: `${backend} was restarted: its links count again once two samples in a row show them sync, connected and not behind.`,
    });
  for (const [to, link] of Object.entries(after.links)) {
    const earlier = before?.links[to];
    const name = `${backend}→${to}`;
    const behind = link.secondsBehind ? `, ${link.secondsBehind} s behind` : "";
    if (link.type === "async" && link.syncSeen && earlier?.type === "sync")
      note({
        event: "link-downgraded",
        severity: "warning",
        backend,
        message: `The replication link ${name} was downgraded${behind}: if ${backend} fails, its publishers must not go to ${to}.`,
      });
    if (link.trusted && earlier && !earlier.trusted && link.asyncSeen)
      note({
        event: "link-restored",
        severity: "info",
        backend,
        message: `The replication link ${name} is sync again and caught up.`,
      });
  }
}
