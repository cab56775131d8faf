import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionStatus, Snapshot, SnapshotChanges } from "../../app/contract/snapshot.ts";
import { createSnapshotFeed, type SnapshotFeed } from "../../app/engine/snapshot-feed.ts";

let open = 0;
/** Looks at the rows of connections. */
let listed = 0;
let pushed: SnapshotChanges[] = [];
let feed: SnapshotFeed;

const [often, seldom] = [
  { often: true, connections: false },
  { often: false, connections: false },
];

/** One connection, which is another each time something changes. */
function take(revision: number, connections: boolean): Snapshot {
  if (connections) listed++;
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
    connections: connections ? [{ id: `c${open}` } as ConnectionStatus] : [],
    openConnections: 1,
    tunnels,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  [open, listed] = [0, 0];
  pushed = [];
  feed = createSnapshotFeed(take, (changes) => pushed.push(changes));
  feed.follow(often);
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
    feed.follow(seldom);
    for (let ms = 0; ms < 2_500; ms += 10) {
      open++;
      vi.advanceTimersByTime(10);
    }
    expect(pushed).toHaveLength(2);
    feed.follow(often);
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

describe("connections", () => {
  const listing = { often: true, connections: true };

  test("are not even looked at where nobody lists them", () => {
    for (let change = 0; change < 5; change++) {
      open++;
      vi.advanceTimersByTime(250);
    }
    expect(feed.snapshot(false).connections).toEqual([]);
    expect(pushed.every((changes) => !("connections" in changes))).toBe(true);
    expect(listed).toBe(0);
  });

  test("are in a snapshot all the same, as they are", () => {
    open = 3;
    expect(feed.snapshot().connections).toEqual([{ id: "c3" }]);
    open = 4;
    expect(feed.snapshot().connections).toEqual([{ id: "c4" }]);
    vi.advanceTimersByTime(250);
    expect(pushed.every((changes) => !("connections" in changes))).toBe(true);
  });

  test("are told from the snapshot on that whoever lists them fetches, and no longer than they are listed", () => {
    open = 1;
    const { revision: before } = feed.snapshot(false);
    feed.follow(listing);
    const { connections, revision } = feed.snapshot();
    expect(connections).toEqual([{ id: "c1" }]);
    // Whoever does not fetch it sees a gap, and at once.
    expect(revision).toBe(before + 2);
    expect(pushed.at(-1)?.revision).toBe(revision);
    expect(pushed.map((changes) => changes.revision)).not.toContain(revision - 1);
    open = 2;
    vi.advanceTimersByTime(250);
    expect(pushed.filter((changes) => changes.revision > revision)).toMatchObject([
      { connections: { set: [{ id: "c2" }], removed: ["c1"] } },
    ]);
    expect(feed.snapshot(false).connections).toEqual([]);
    feed.follow(often);
    open = 3;
    vi.advanceTimersByTime(250);
    expect(pushed.at(-1)).not.toHaveProperty("connections");
    expect(pushed.at(-1)?.tunnels?.set).toMatchObject([{ reason: "3" }]);
  });
});

test("how many connections are open is told where nothing else has changed", () => {
  let openConnections = 0;
  const counted = createSnapshotFeed(
    (revision, connections) => ({ ...take(revision, connections), openConnections }),
    (changes) => pushed.push(changes),
  );
  openConnections = 7;
  counted.snapshot(false);
  counted.close();
  expect(pushed).toMatchObject([{ revision: 1, openConnections: 7 }]);
});

test("a closed feed pushes nothing more", () => {
  feed.soon();
  feed.close();
  open = 9;
  // The last of those who looked may go later.
  feed.follow(seldom);
  feed.follow(often);
  vi.advanceTimersByTime(10_000);
  expect(pushed).toEqual([]);
});
