/** What a link counts as after a story of samples: downgrades, upgrades, restarts, gaps, and statistics that go quiet. */
import { describe, expect, test } from "vitest";
import type { LinkState } from "../../app/contract/snapshot.ts";
import { judgeLink } from "../../app/guard/judge-link.ts";
import {
  compareRuns,
  learn,
  type LinkReading,
  type SourceKnowledge,
  type SourceReading,
} from "../../app/guard/link-knowledge.ts";

const intervalMs = 10_000;
const startMs = 1_000_000_000;

const caughtUp: LinkReading = { type: "sync", connected: true, secondsBehind: 0, typeAtConnect: "sync" };

/** One sample in a story: what the link was, and what else was unusual about it. */
interface Told extends Partial<LinkReading> {
  readonly none?: true;
  /** Intervals since the sample before; default 1. */
  readonly after?: number;
  /** The instance restarted since. */
  readonly restarted?: true;
  /** Which run it is cannot be told. */
  readonly runless?: true;
  readonly stamp?: string;
}

const sync: Told = {};
const behind: Told = { secondsBehind: 41 };
const away: Told = { connected: false };
const async: Told = { type: "async" };
const restart: Told = { restarted: true };

function tell(story: readonly Told[]): { knowledge: SourceKnowledge | null; atMs: number } {
  let knowledge: SourceKnowledge | null = null;
  let atMs = startMs;
  let run = { pid: 1, uptimeMs: 3_600_000 };
  story.forEach(({ none, after = 1, restarted, runless, stamp, ...link }, index) => {
    atMs += after * intervalMs;
    run = restarted
      ? { pid: run.pid + 1, uptimeMs: 4_000 }
      : { ...run, uptimeMs: run.uptimeMs + after * intervalMs };
    const reading: SourceReading = {
      atMs,
      intervalMs,
      run: runless ? null : run,
      stamp: stamp ?? String(index),
      links: new Map([["b", none ? "none" : { ...caughtUp, ...link }]]),
    };
    knowledge = learn(knowledge, reading);
  });
  return { knowledge, atMs };
}

function judge(story: readonly Told[], more: { stopped?: number; declared?: "sync" | "async" } = {}) {
  const { knowledge, atMs } = tell(story);
  const stoppedAtMs = atMs + (more.stopped ?? 0) * intervalMs;
  return judgeLink({
    from: "a",
    to: "b",
    source: knowledge,
    stoppedAtMs,
    nowMs: stoppedAtMs,
    unread: null,
    unseenBehind: null,
    declared: more.declared ?? null,
  });
}

describe("a link counts as", () => {
  test.each<[LinkState, string, readonly Told[]]>([
    ["unknown", "before it was seen", []],
    ["unknown", "at first sight: what went before is not known", [sync]],
    ["sync", "after two samples in a row", [sync, sync]],
    ["unknown", "while it lags at first sight", [behind, behind, behind]],
    ["unknown", "after two samples that are not in a row", [sync, behind, sync]],
    ["sync", "while it lags, once it is trusted", [sync, sync, behind]],
    ["disconnected", "once the peer is away", [sync, sync, away]],
    ["unknown", "where it was never seen connected", [away, away]],
    ["sync", "when the peer is back, though it lags", [sync, sync, away, behind]],
    ["downgraded", "once it reads async after sync", [sync, async]],
    [
      "downgraded",
      "where only its client name tells that it was sync",
      [{ ...async, typeAtConnect: "sync" }],
    ],
    ["async", "where it never was anything else", [{ ...async, typeAtConnect: "async" }]],
    ["async", "where nothing tells what it was", [{ ...async, typeAtConnect: null }]],
    ["downgraded", "upgraded and still behind", [sync, sync, async, behind]],
    ["downgraded", "upgraded and seen caught up once", [sync, sync, async, sync]],
    ["sync", "upgraded and seen caught up twice", [sync, sync, async, sync, sync]],
    [
      "downgraded",
      "upgraded, caught up, and the peer went away: what was acknowledged meanwhile may be missing",
      [sync, sync, async, sync, sync, away],
    ],
    ["unknown", "after a restart that silently restored sync", [sync, sync, async, restart]],
    ["unknown", "after a restart, while it lags", [sync, sync, restart, behind, behind]],
    ["unknown", "after a restart and one sample caught up, then a lag", [sync, sync, restart, behind, sync]],
    ["sync", "after a restart and two samples caught up", [sync, sync, async, restart, sync]],
    [
      "disconnected",
      "after a restart that cleared the downgrade, two samples, and the peer away",
      [sync, async, restart, sync, away],
    ],
    ["unknown", "after a restart with the peer away", [sync, sync, { ...restart, ...away }]],
    [
      "async",
      "after a restart into async: so it is configured",
      [sync, sync, { ...restart, ...async, typeAtConnect: "async" }],
    ],
    ["unknown", "after a gap in which anything may have happened", [sync, sync, { after: 5 }]],
    ["sync", "after a gap and two samples", [sync, sync, { after: 5 }, sync]],
    ["sync", "after a gap of one sample", [sync, sync, { after: 2 }]],
    ["unknown", "when the clock went back", [sync, sync, { after: -3 }]],
    [
      "unknown",
      "while the instance does not tell which run it is",
      [{ runless: true }, { runless: true }, { runless: true }],
    ],
    ["unknown", "when it stops telling which run it is", [sync, sync, { runless: true }]],
    ["none", "when it is no longer named", [sync, sync, { none: true }]],
    ["unknown", "when it is named again", [sync, sync, { none: true }, sync]],
    ["unknown", "while the statistics do not say whether it is connected", [sync, sync, { connected: null }]],
    ["unknown", "while the statistics do not say what it is", [sync, sync, { type: "unknown" }]],
    [
      "unknown",
      "after statistics that did not say, until two that do",
      [sync, sync, { type: "unknown" }, sync],
    ],
    [
      "unknown",
      "while the statistics do not say how far behind it is, at first",
      [{ secondsBehind: null }, { secondsBehind: null }],
    ],
  ])("%s %s", (state, _when, story) => {
    expect(judge(story).state).toBe(state);
  });
});

describe("statistics that go quiet", () => {
  test("the same stamp again is no new sample: it confirms nothing, and its age counts on", () => {
    const frozen = [{ stamp: "x" }, { stamp: "x" }, { stamp: "x" }];
    expect(judge(frozen).state).toBe("unknown");
    const { knowledge } = tell([sync, sync, { stamp: "1" }, { stamp: "1" }]);
    expect(knowledge?.atMs).toBe(startMs + 2 * intervalMs);
  });
  test.each([
    [0, "sync"],
    [2, "sync"],
    [2.01, "unknown"],
    [100, "unknown"],
    [-1, "unknown"],
  ])("a link seen %d intervals before its source stopped answering is %s", (stopped, state) => {
    expect(judge([sync, sync], { stopped }).state).toBe(state);
  });
  test("a downgrade stays a downgrade, however old", () => {
    expect(judge([sync, sync, async], { stopped: 1_000 })).toMatchObject({
      state: "downgraded",
      says: expect.stringContaining("downgraded 2 h ago"),
    });
  });
});

describe("what the operator declared", () => {
  test.each<[string, LinkState, "observed" | "declared", readonly Told[], number]>([
    ["counts where nothing was ever seen", "sync", "declared", [], 0],
    ["counts where a trusted link went stale", "sync", "declared", [sync, sync], 10],
    [
      "counts where the statistics leave the type out",
      "sync",
      "declared",
      [{ type: "unknown" }, { type: "unknown" }],
      0,
    ],
    ["does not outweigh a downgrade", "downgraded", "observed", [sync, sync, async], 0],
    ["does not outweigh an old downgrade", "downgraded", "observed", [sync, sync, async], 10],
    [
      "does not outweigh a downgrade behind statistics that turned silent",
      "unknown",
      "observed",
      [sync, async, { type: "unknown" }],
      0,
    ],
    ["does not outweigh a missing link", "none", "observed", [{ none: true }], 0],
    [
      "does not stand in for the confirmation after a restart",
      "unknown",
      "observed",
      [sync, sync, restart],
      0,
    ],
    ["does not stand in for it when that is old either", "unknown", "observed", [sync, sync, restart], 10],
    ["is not needed while the statistics say it", "sync", "observed", [sync, sync], 0],
  ])("%s", (_what, state, by, story, stopped) => {
    expect(judge(story, { stopped, declared: "sync" })).toMatchObject({ state, by });
  });
  test("async means async", () => {
    expect(judge([], { declared: "async" })).toMatchObject({ state: "async", by: "declared" });
  });
});

describe("a restart is recognised", () => {
  const before = (uptimeMs: number, pid: number | null = 7): SourceKnowledge => ({
    atMs: startMs,
    intervalMs,
    run: { pid, uptimeMs },
    stamp: null,
    links: {},
  });
  const next = (afterMs: number, uptimeMs: number, pid: number | null = 7): SourceReading => ({
    atMs: startMs + afterMs,
    intervalMs,
    run: { pid, uptimeMs },
    stamp: null,
    links: new Map(),
  });
  test.each<[string, SourceKnowledge, SourceReading, string]>([
    ["by another process id", before(5_000), next(10_000, 15_000, 8), "restarted"],
    ["by a shorter uptime, as in a container", before(60_000), next(10_000, 3_000), "restarted"],
    [
      "by an uptime shorter than the time between, after a long gap",
      before(5_000),
      next(600_000, 50_000),
      "restarted",
    ],
    ["and not where the uptime went on", before(5_000), next(10_000, 15_000), "same"],
    ["and not for uptimes an interval old", before(15_000), next(10_000, 16_000), "same"],
    ["without a process id too", before(60_000, null), next(10_000, 3_000, null), "restarted"],
  ])("%s", (_how, earlier, later, change) => {
    expect(compareRuns(earlier, later)).toBe(change);
  });
});

test("sentences name the link, its state, how long ago and how far behind", () => {
  const at = (story: readonly Told[], ageMs: number, unread: string | null = null, silentMs = 0) => {
    const { knowledge, atMs } = tell(story);
    return judgeLink({
      from: "prod-1",
      to: "b",
      source: knowledge,
      unread,
      stoppedAtMs: atMs + silentMs,
      nowMs: atMs + ageMs,
      unseenBehind: null,
      declared: null,
    }).says;
  };
  expect(at([sync, sync, { type: "async", secondsBehind: 41 }], 185_000)).toBe(
    "prod-1→b was downgraded 3 min ago, 41 s behind",
  );
  expect(at([sync, sync], 0)).toBe("prod-1→b is sync and connected");
  expect(at([sync, sync, away], 0)).toBe("prod-1→b is sync and not connected");
  expect(at([], 0)).toBe("prod-1→b was never seen: no replication statistics of prod-1 could be read");
  expect(at([sync], 0)).toContain("not confirmed yet");
  const login = "The statistics ask for a login (401).";
  expect(at([], 0, login)).toBe(
    "prod-1→b was never seen: no replication statistics of prod-1 could be read (The statistics ask for a login (401))",
  );
  expect(at([sync, sync], 60_000, login, 60_000)).toBe(
    "prod-1→b was last seen 1 min ago, longer before prod-1 stopped answering than its statistics hold good (The statistics ask for a login (401))",
  );
  expect(at([sync, sync], 0, login), "one failed reading makes nothing stale").toBe(
    "prod-1→b is sync and connected",
  );
});
