import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chooseBackend,
  isGuarded,
  type GuardedPlace,
  type MemberState,
} from "../../app/balance/choose-backend.ts";
import type { BalancePolicy, ClientRole, PoolConfig } from "../../app/contract/config.ts";
import type { Health } from "../../app/contract/snapshot.ts";

type Member = Partial<Omit<MemberState, "id">>;

/** `a`, `b`, `c`, … in the order of the list. */
function members(...list: readonly Member[]): readonly MemberState[] {
  return list.map((member, at) => ({
    id: String.fromCharCode(97 + at),
    health: "up",
    drained: false,
    connections: 0,
    ...member,
  }));
}

function poolOf(list: readonly MemberState[], more: Partial<PoolConfig> = {}): PoolConfig {
  return { id: "pool", members: list.map((member) => member.id), ...more };
}

interface Setting {
  readonly list: readonly MemberState[];
  readonly role?: ClientRole;
  readonly balance?: BalancePolicy;
  readonly weights?: Readonly<Record<string, number>>;
  readonly tried?: readonly string[];
  readonly guarded?: GuardedPlace;
  readonly turns?: Map<string, number>;
}

/** The member that is chosen, or the code of why none is. */
function choose({
  list,
  role = "subscribers",
  balance,
  weights,
  tried = [],
  guarded = { held: "not asked" },
  turns = new Map(),
}: Setting): string {
  const pool = poolOf(list, { ...(balance && { balance }), ...(weights && { weights }) });
  const reply = chooseBackend({ pool, role, members: list, guarded, tried: new Set(tried), turns });
  return reply.ok ? reply.value.backend : reply.failure.code;
}

function hits(count: number, setting: Setting): Readonly<Record<string, number>> {
  const turns = new Map<string, number>();
  const found: Record<string, number> = {};
  for (let at = 0; at < count; at++) {
    const id = choose({ ...setting, turns });
    found[id] = (found[id] ?? 0) + 1;
  }
  return found;
}

describe("round-robin gives each member its share:", () => {
  test.each<readonly [Record<string, number>, readonly Member[], number, Record<string, number>]>([
    [{}, [{}, {}, {}], 9, { a: 3, b: 3, c: 3 }],
    [{ a: 3 }, [{}, {}], 8, { a: 6, b: 2 }],
    [{ a: 5, b: 1, c: 1 }, [{}, {}, {}], 7, { a: 5, b: 1, c: 1 }],
    [{ b: 0 }, [{}, {}], 4, { a: 4 }],
    [{ a: 256, b: 1 }, [{}, {}], 257, { a: 256, b: 1 }],
    [{}, [{ health: "down" }, {}, {}], 6, { b: 3, c: 3 }],
    [{}, [{ drained: true }, {}, {}], 6, { b: 3, c: 3 }],
    [{ a: 2 }, [{ health: "degraded" }, { health: "unknown" }], 6, { a: 4, b: 2 }],
    [{}, [{}], 3, { a: 3 }],
  ])("weights %j of %j over %i", (weights, list, count, expected) => {
    expect(hits(count, { list: members(...list), balance: "round-robin", weights })).toEqual(expected);
  });

  test("smoothly: a heavy member's turns are spread, not bunched", () => {
    const turns = new Map<string, number>();
    const order = Array.from({ length: 7 }, () =>
      choose({ list: members({}, {}, {}), balance: "round-robin", weights: { a: 5 }, turns }),
    );
    expect(order.join("")).toBe("aabacaa");
  });

  test("and a member that comes back gets no more than its share of what follows", () => {
    const turns = new Map<string, number>();
    const both = { balance: "round-robin", turns } as const;
    for (let at = 0; at < 100; at++) choose({ ...both, list: members({}, { health: "down" }) });
    const after = Array.from({ length: 10 }, () => choose({ ...both, list: members({}, {}) }));
    expect(after.filter((id) => id === "b")).toHaveLength(5);
  });

  test("exactly, for any weights", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 }), (shares) => {
        const list = members(...shares.map(() => ({})));
        const weights = Object.fromEntries(list.map((member, at) => [member.id, shares[at] ?? 0]));
        const sum = shares.reduce((total, share) => total + share, 0);
        fc.pre(sum > 0);
        const expected = Object.fromEntries(
          Object.entries(weights)
            .filter(([, share]) => share > 0)
            .map(([id, share]) => [id, share * 3]),
        );
        expect(hits(sum * 3, { list, balance: "round-robin", weights })).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});

describe("for subscribers", () => {
  const health = (...list: readonly Health[]) => members(...list.map((one) => ({ health: one })));
  test.each<readonly [string, Setting, string]>([
    ["primary takes the first that is up", { list: health("down", "up", "up") }, "b"],
    ["primary takes one that is up in part", { list: health("degraded", "up") }, "a"],
    ["primary takes one not probed yet", { list: health("unknown", "up") }, "a"],
    ["primary leaves out the drained", { list: members({ drained: true }, {}) }, "b"],
    ["primary leaves out those of no weight", { list: members({}, {}), weights: { a: 0 } }, "b"],
    ["primary goes on to what was not tried", { list: members({}, {}, {}), tried: ["a", "b"] }, "c"],
    [
      "least-connections takes the least",
      {
        list: members({ connections: 3 }, { connections: 1 }, { connections: 2 }),
        balance: "least-connections",
      },
      "b",
    ],
    [
      "least-connections takes the first of equals",
      { list: members({ connections: 1 }, { connections: 1 }), balance: "least-connections" },
      "a",
    ],
    [
      "least-connections measures by weight",
      {
        list: members({ connections: 5 }, { connections: 2 }),
        balance: "least-connections",
        weights: { a: 3 },
      },
      "a",
    ],
    [
      "least-connections fills an empty heavy member first",
      { list: members({}, {}), balance: "least-connections", weights: { b: 2 } },
      "b",
    ],
    [
      "least-connections leaves out what is down",
      { list: members({ health: "down" }, { connections: 9 }), balance: "least-connections" },
      "b",
    ],
    ["one that looks down is tried when all do", { list: health("down", "down") }, "a"],
    [
      "one that looks down is tried when those that are up were",
      { list: health("up", "down"), tried: ["a"] },
      "b",
    ],
    [
      "nobody is chosen once all were tried",
      { list: health("up", "down"), tried: ["a", "b"] },
      "NO_MEMBER_UP",
    ],
    [
      "nobody is chosen where all are drained",
      { list: members({ drained: true }, { drained: true }) },
      "NO_MEMBER_UP",
    ],
    [
      "nobody is chosen where nobody has weight",
      { list: members({}, {}), weights: { a: 0, b: 0 } },
      "NO_MEMBER_UP",
    ],
    ["nobody is chosen of nobody", { list: [] }, "NO_MEMBER_UP"],
  ])("%s", (_what, setting, expected) => {
    expect(choose(setting)).toBe(expected);
  });
});

const guardedRoles: readonly ClientRole[] = [
  "publishers",
  "queue-consumers",
  "bookmark-subscribers",
  "mixed",
];

test("every role is guarded but that of plain subscribers", () => {
  expect(guardedRoles.filter(isGuarded)).toEqual(guardedRoles);
  expect(isGuarded("subscribers")).toBe(false);
});

describe.each(guardedRoles)("%s", (role) => {
  const member = fc.record({
    health: fc.constantFrom<Health>("up", "degraded", "down", "unknown"),
    drained: fc.boolean(),
    connections: fc.nat(9),
  });
  test("go where the guard says and nowhere else, whatever balance, weights and states say", () => {
    fc.assert(
      fc.property(
        fc.array(member, { minLength: 1, maxLength: 4 }),
        fc.constantFrom<BalancePolicy>("primary", "round-robin", "least-connections", "least-load"),
        fc.dictionary(fc.constantFrom("a", "b", "c"), fc.nat(5)),
        fc.subarray(["a", "b", "c"]),
        fc.constantFrom("a", "b", "c"),
        (list, balance, weights, tried, to) => {
          const chosen = choose({ list: members(...list), role, balance, weights, tried, guarded: { to } });
          const there = list.length > to.charCodeAt(0) - 97;
          expect(chosen).toBe(tried.includes(to) ? "NO_MEMBER_UP" : there ? to : "ENDPOINT_MISSING");
        },
      ),
    );
  });

  test("are refused with the guard's reason while it holds them", () => {
    const list = members({}, {});
    const guarded = { held: "Held: a is away." };
    const reply = chooseBackend({
      pool: poolOf(list),
      role,
      members: list,
      guarded,
      tried: new Set(),
      turns: new Map(),
    });
    expect(reply).toMatchObject({ ok: false, failure: { code: "ROUTE_HELD", message: "Held: a is away." } });
  });
});
