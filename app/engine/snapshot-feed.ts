/** Pushes what changed, at most four times a second, or once where nobody looks; every change set has the next revision. */
import type { Snapshot, SnapshotChanges } from "../contract/snapshot.ts";
import { changesBetween } from "./snapshot-changes.ts";

const followedMs = 250;
/** Thousands of connections would be gone through for nobody. */
const aloneMs = 1_000;
/** A structural change is told at once, but a burst of them only once. */
const soonMs = 20;

export interface SnapshotFeed {
  /** The present state; change sets after it have higher revisions. */
  snapshot(): Snapshot;
  /** Something changed that should not wait for the next tick. */
  soon(): void;
  /** Whether anybody looks. Whoever begins to is told at once. */
  follow(isFollowed: boolean): void;
  close(): void;
}

export function createSnapshotFeed(
  take: (revision: number) => Snapshot,
  push: (changes: SnapshotChanges) => void,
): SnapshotFeed {
  let last = take(0);
  let pending: NodeJS.Timeout | null = null;
  const tick = (): void => {
    if (pending) clearTimeout(pending);
    pending = null;
    const next = take(last.revision + 1);
    const changes = changesBetween(last, next);
    if (!changes) return;
    last = next;
    push({ ...changes, revision: next.revision, time: next.time });
  };
  let timer = setInterval(tick, aloneMs).unref();
  let isClosed = false;
  return {
    snapshot() {
      tick();
      return { ...last, time: new Date().toISOString() };
    },
    soon() {
      pending ??= setTimeout(tick, soonMs).unref();
    },
    follow(isFollowed) {
      if (isClosed) return;
      clearInterval(timer);
      timer = setInterval(tick, isFollowed ? followedMs : aloneMs).unref();
      if (isFollowed) tick();
    },
    close() {
      isClosed = true;
      clearInterval(timer);
      if (pending) clearTimeout(pending);
    },
  };
}
