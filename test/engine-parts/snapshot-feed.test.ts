import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Snapshot, SnapshotChanges } from "../../app/contract/snapshot.ts";
import { createSnapshotFeed, type SnapshotFeed } from "../../app/engine/snapshot-feed.ts";

let open = 0;
let pushed: SnapshotChanges[] = [];
let feed: SnapshotFeed;

function take(revision: number): Snapshot {
  const tunnels = [
    {
      id: "t",
      state: "up" as const,
      reason: String(open),
      failure: null,
      retryAt: null,
      stopped: false,
      question: null,
    },
  ];
  return {
    revision,
    time: new Date().toISOString(),
    routes: [],
    backends: [],
    pools: [],
    connections: [],
    tunnels,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  open = 0;
  pushed = [];
  feed = createSnapshotFeed(take, (changes) => pushed.push(changes));
  feed.follow(true);
});

afterEach(() => {
  feed.close();
  vi.useRealTimers();
});

describe("what changed is pushed", () => {
  test("at most four times a second, however often it changes", () => {
    for (let ms = 0; ms < 2_000; ms += 10) {
      open++;
      vi.advanceTimersByTime(10);
    }
    expect(pushed).toHaveLength(8);
    expect(pushed.at(-1)?.tunnels?.set).toMatchObject([{ reason: String(open) }]);
  });

  test("once a second where nobody looks, and at once to whoever begins to", () => {
    feed.follow(false);
    for (let ms = 0; ms < 2_500; ms += 10) {
      open++;
      vi.advanceTimersByTime(10);
    }
    expect(pushed).toHaveLength(2);
    feed.follow(true);
    expect(pushed).toHaveLength(3);
    expect(pushed.at(-1)?.tunnels?.set).toMatchObject([{ reason: String(open) }]);
  });

  test("within 20 ms where it should not wait, and once for a burst", () => {
    for (let change = 0; change < 50; change++) {
      open++;
      feed.soon();
    }
    vi.advanceTimersByTime(20);
    expect(pushed).toHaveLength(1);
    expect(pushed[0]?.tunnels?.set).toMatchObject([{ reason: "50" }]);
  });

  test("with revisions that grow by one, from that of the first snapshot", () => {
    const { revision } = feed.snapshot();
    for (let change = 0; change < 3; change++) {
      open++;
      vi.advanceTimersByTime(250);
    }
    expect(pushed.map((changes) => changes.revision)).toEqual([revision + 1, revision + 2, revision + 3]);
  });

  test("never where nothing did", () => {
    feed.soon();
    vi.advanceTimersByTime(60_000);
    expect(pushed).toEqual([]);
  });
});

test("a snapshot is the present state, and the change sets pushed so far lead up to it", () => {
  open = 5;
  const { revision, tunnels } = feed.snapshot();
  expect(tunnels).toMatchObject([{ reason: "5" }]);
  expect(pushed.at(-1)?.revision).toBe(revision);
});

test("a closed feed pushes nothing more", () => {
  feed.soon();
  feed.close();
  open = 9;
  // The last of those who looked may go later.
  feed.follow(false);
  feed.follow(true);
  vi.advanceTimersByTime(10_000);
  expect(pushed).toEqual([]);
});
