/** Pushes what changed, at most four times a second, or once where nobody looks; every change set has the next revision. */
import type { Snapshot, SnapshotChanges } from "../contract/snapshot.ts";
import { changesBetween } from "./snapshot-changes.ts";

const followedMs = 250;
const aloneMs = 1_000;
/** A structural change is told at once, but a burst of them only once. */
const soonMs = 20;

/** What of the changes somebody wants. */
export interface Following {
  /** Four times a second, not once. */
  readonly often: boolean;
  /** Of connections, too: thousands of rows that most screens do not show. */
  readonly connections: boolean;
}

export interface SnapshotFeed {
  /** The present state, by default with the rows of connections; change sets after it have higher revisions. */
  snapshot(connections?: boolean): Snapshot;
  /** Something changed that should not wait for the next tick. */
  soon(): void;
  /** Whoever begins to look is told at once; whoever begins to list connections fetches a snapshot. */
  follow(wanted: Following): void;
  close(): void;
}

/** `take` makes rows of connections only where it is told to. */
export function createSnapshotFeed(
  take: (revision: number, connections: boolean) => Snapshot,
  push: (changes: SnapshotChanges) => void,
): SnapshotFeed {
  let following: Following = { often: false, connections: false };
  let last = take(0, false);
  let pending: NodeJS.Timeout | null = null;
  /** `isOwed`: something is told also where nothing is different. */
  const tick = (isOwed = false): void => {
    if (pending) clearTimeout(pending);
    pending = null;
    const next = take(last.revision + 1, following.connections);
    const changes = changesBetween(last, next);
    if (!changes && !isOwed) return;
    last = next;
    push({ ...changes, revision: next.revision, time: next.time });
  };
  const listed = () => take(last.revision, true).connections;
  let timer = setInterval(() => tick(), aloneMs).unref();
  let isClosed = false;
  return {
    snapshot(connections = true) {
      tick();
      const rows = connections && !following.connections ? listed() : last.connections;
      return { ...last, connections: connections ? rows : [], time: new Date().toISOString() };
    },
    soon() {
      pending ??= setTimeout(() => tick(), soonMs).unref();
    },
    follow(wanted) {
      if (isClosed) return;
      const begins = wanted.often && !following.often;
      const lists = wanted.connections && !following.connections;
      if (!wanted.connections) last = { ...last, connections: [] };
      // Of these rows no change set has told: a revision is passed over, so that whoever does not fetch them sees a gap.
      else if (lists) last = { ...last, revision: last.revision + 1, connections: listed() };
      if (wanted.often !== following.often) {
        clearInterval(timer);
        timer = setInterval(() => tick(), wanted.often ? followedMs : aloneMs).unref();
      }
      following = wanted;
      if (begins || lists) tick(lists);
    },
    close() {
      isClosed = true;
      clearInterval(timer);
      if (pending) clearTimeout(pending);
    },
  };
}
