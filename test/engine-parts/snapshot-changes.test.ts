import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSame } from "../../app/config/same-parts.ts";
import { changesBetween } from "../../app/engine/snapshot-changes.ts";
import type { RowChanges, Snapshot } from "../../app/contract/snapshot.ts";

const collections = ["routes", "backends", "pools", "tunnels", "connections"] as const;

interface Row {
  readonly id: string;
}

/** What a mirror does with a change set: the contract's words, followed to the letter. */
function applyRows(before: readonly Row[], changes: RowChanges<Row> | undefined): readonly Row[] {
  if (!changes) return before;
  const rows = new Map(before.map((row) => [row.id, row]));
  for (const id of changes.removed ?? []) rows.delete(id);
  for (const row of changes.set ?? []) rows.set(row.id, row);
  return (changes.order ?? [...rows.keys()]).map((id) => rows.get(id) ?? { id: "missing" });
}

const row = fc.record({
  id: fc.constantFrom("a", "b", "c", "d", "e"),
  state: fc.constantFrom("up", "down", null),
  bytes: fc.record({ toBackend: fc.nat(2), toClient: fc.nat(2) }),
  list: fc.array(fc.nat(2), { maxLength: 2 }),
});
const rows = fc.uniqueArray(row, { selector: (one) => one.id, maxLength: 5 });
const snapshot = fc
  .record({ routes: rows, backends: rows, pools: rows, tunnels: rows, connections: rows })
  .map((parts) => ({ revision: 1, time: "t", ...parts }) as unknown as Snapshot);

test("the changes, applied to the old snapshot, give the new one", () => {
  fc.assert(
    fc.property(snapshot, snapshot, (before, after) => {
      const changes = changesBetween(before, after);
      for (const name of collections) {
        const applied = applyRows(before[name], changes?.[name]);
        expect(applied).toEqual(after[name]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("thousands of connections of which some ended and some are new need no order", () => {
  const named = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => ({ id: `c${from + at}` }));
  const rest = { revision: 1, time: "t", routes: [], backends: [], pools: [], tunnels: [] };
  const before = { ...rest, connections: named(0, 5_000) } as unknown as Snapshot;
  const after = {
    ...rest,
    connections: [...named(0, 10), ...named(12, 4_999), ...named(5_000, 5_002)],
  } as unknown as Snapshot;
  expect(changesBetween(before, after)).toEqual({
    connections: { set: named(5_000, 5_002), removed: ["c10", "c11", "c4999"] },
  });
});

test("nothing that stayed the same is told, and nothing that went is set", () => {
  fc.assert(
    fc.property(snapshot, snapshot, (before, after) => {
      const changes = changesBetween(before, after);
      for (const name of collections) {
        const told = changes?.[name] as RowChanges<Row> | undefined;
        for (const one of told?.set ?? []) expect(before[name]).not.toContainEqual(one);
        for (const id of told?.removed ?? []) expect(after[name].map((one) => one.id)).not.toContain(id);
        const sameOrder =
          before[name].map((one) => one.id).join() === after[name].map((one) => one.id).join();
        if (sameOrder) expect(told?.order).toBeUndefined();
      }
    }),
    { numRuns: 500 },
  );
});

test("equal snapshots have no changes, whatever their revision and time", () => {
  fc.assert(
    fc.property(snapshot, (one) => {
      const copy = { ...structuredClone(one), revision: 7, time: "later" };
      expect(changesBetween(one, copy)).toBeNull();
    }),
  );
});

describe("plain data is the same", () => {
  test.each<readonly [unknown, unknown, boolean]>([
    [1, 1, true],
    [Number.NaN, Number.NaN, true],
    ["1", 1, false],
    [null, undefined, false],
    [null, {}, false],
    [[], {}, false],
    [[1, 2], [1, 2], true],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: undefined }, { b: 1 }, false],
    [{ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 1 }] } }, true],
    [{ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }, false],
  ])("%j and %j: %s", (one, other, expected) => {
    expect(isSame(one, other)).toBe(expected);
    expect(isSame(other, one)).toBe(expected);
  });
});
