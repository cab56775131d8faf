/** 1,000 connections placed by each policy, compared with the shares that the policy promises. */
import { describe, expect, test } from "vitest";
import { chooseBackend, type MemberState } from "../../app/balance/choose-backend.ts";
import type { MemberLoad } from "../../app/balance/least-load.ts";
import type { PoolConfig } from "../../app/contract/config.ts";

const ids = ["a", "b", "c"];
const quiet: MemberLoad = {
  cpu: 0.2,
  memory: 0.3,
  clients: 10,
  ageMs: 0,
  intervalMs: 10_000,
  placedSince: 0,
};

interface Simulation {
  readonly pool: Partial<PoolConfig>;
  /** What the members' statistics say; connections placed here come on top, as `placedSince`. */
  readonly loads?: Readonly<Record<string, Partial<MemberLoad> | null>>;
  readonly open?: Readonly<Record<string, number>>;
  readonly count?: number;
}

function simulate({ pool, loads = {}, open = {}, count = 1_000 }: Simulation) {
  const placed: Record<string, number> = { a: 0, b: 0, c: 0 };
  const whys = new Set<string>();
  const turns = new Map<string, number>();
  for (let at = 0; at < count; at++) {
    const members: MemberState[] = ids.map((id) => ({
      id,
      health: "up",
      drained: false,
      connections: (open[id] ?? 0) + (placed[id] ?? 0),
      load: loads[id] === null ? null : { ...quiet, ...loads[id], placedSince: placed[id] ?? 0 },
    }));
    const reply = chooseBackend({
      pool: { id: "pool", members: ids, ...pool },
      role: "subscribers",
      members,
      guarded: { held: "not asked" },
      tried: new Set(),
      turns,
    });
    if (!reply.ok) throw new Error(reply.failure.message);
    placed[reply.value.backend] = (placed[reply.value.backend] ?? 0) + 1;
    whys.add(reply.value.why);
  }
  return { placed, whys: [...whys] };
}

describe("1,000 connections are placed", () => {
  test.each<[string, Simulation, Record<string, number>]>([
    ["all on the first, by primary", { pool: {} }, { a: 1000, b: 0, c: 0 }],
    ["evenly, by round-robin", { pool: { balance: "round-robin" } }, { a: 334, b: 333, c: 333 }],
    [
      "by weight, by round-robin",
      { pool: { balance: "round-robin", weights: { a: 5, b: 3, c: 2 } } },
      { a: 500, b: 300, c: 200 },
    ],
    [
      "so that all have the same in the end, by least-connections",
      { pool: { balance: "least-connections" }, open: { a: 200, b: 100 } },
      { a: 233, b: 333, c: 434 },
    ],
    [
      "by weight in the end, by least-connections",
      { pool: { balance: "least-connections", weights: { a: 2 } } },
      { a: 500, b: 250, c: 250 },
    ],
    [
      "so that all have the same clients in the end, by least-load of clients",
      {
        pool: { balance: "least-load", load: "clients" },
        loads: { a: { clients: 200 }, b: { clients: 100 }, c: { clients: 0 } },
      },
      { a: 234, b: 333, c: 433 },
    ],
    [
      "more where the processor is idle, by least-load of cpu",
      { pool: { balance: "least-load" }, loads: { a: { cpu: 0.9 }, b: { cpu: 0.5 }, c: { cpu: 0.1 } } },
      { a: 293, b: 333, c: 374 },
    ],
    [
      "more where memory is free, by least-load of memory",
      {
        pool: { balance: "least-load", load: "memory" },
        loads: { a: { memory: 0.9 }, b: { memory: 0.5 }, c: { memory: 0.1 } },
      },
      { a: 293, b: 333, c: 374 },
    ],
  ])("%s", (_what, simulation, expected) => {
    const { placed } = simulate(simulation);
    for (const [id, share] of Object.entries(expected))
      expect(Math.abs((placed[id] ?? 0) - share), `${id} of ${JSON.stringify(placed)}`).toBeLessThanOrEqual(
        1,
      );
  });
});

describe("between two samples", () => {
  test("what Shunt placed itself counts, so that a burst does not land on one idle member", () => {
    const { placed } = simulate({
      pool: { balance: "least-load", load: "clients" },
      loads: { a: { clients: 0 }, b: { clients: 5 }, c: { clients: 5 } },
      count: 20,
    });
    expect(placed).toEqual({ a: 10, b: 5, c: 5 });
  });
  test("the reason tells the figure and what was placed since", () => {
    const { whys } = simulate({
      pool: { balance: "least-load", load: "clients" },
      loads: { a: { clients: 1 } },
      count: 3,
    });
    expect(whys).toEqual([
      "least-load (1 client)",
      "least-load (1 client, 1 placed since)",
      "least-load (1 client, 2 placed since)",
    ]);
    expect(
      simulate({ pool: { balance: "least-load" }, loads: { b: { cpu: 0.114 } }, count: 1 }).whys,
    ).toEqual(["least-load (cpu 11 %)"]);
  });
});

describe("least-load falls back to least-connections", () => {
  test.each<[string, NonNullable<Simulation["loads"]>, string]>([
    [
      "when a sample is older than three intervals",
      { b: { ageMs: 30_001 } },
      "least-connections (the statistics of b are 30 s old)",
    ],
    ["when a member has no statistics", { c: null }, "least-connections (no cpu statistics of c)"],
    [
      "when a member's statistics leave the figure out",
      { a: { cpu: null } },
      "least-connections (no cpu statistics of a)",
    ],
  ])("%s, and says why", (_what, loads, why) => {
    const { placed, whys } = simulate({ pool: { balance: "least-load" }, loads, count: 300 });
    expect(placed).toEqual({ a: 100, b: 100, c: 100 });
    expect(whys).toEqual([why]);
  });
  test("and not while the sample is exactly three intervals old", () => {
    expect(
      simulate({ pool: { balance: "least-load" }, loads: { b: { cpu: 0, ageMs: 30_000 } }, count: 1 }).placed,
    ).toEqual({ a: 0, b: 1, c: 0 });
  });
});
