/** What differs between two snapshots, by rows. Pure. */
import type { RowChanges, Snapshot, SnapshotChanges } from "../contract/snapshot.ts";

const collections = ["routes", "backends", "pools", "tunnels", "connections"] as const;

/** The changes from one snapshot to the next, or null where nothing differs. */
export function changesBetween(
  before: Snapshot,
  after: Snapshot,
): Omit<SnapshotChanges, "revision" | "time"> | null {
  const changes: Record<string, RowChanges<unknown>> = {};
  for (const name of collections) {
    const rows = changedRows<{ readonly id: string }>(before[name], after[name]);
    if (rows) changes[name] = rows;
  }
  return Object.keys(changes).length === 0 ? null : changes;
}

function changedRows<Row extends { readonly id: string }>(
  before: readonly Row[],
  after: readonly Row[],
): RowChanges<Row> | null {
  if (isSameOrder(before, after)) {
    const set = after.filter((row, at) => !isSame(before[at], row));
    return set.length > 0 ? { set } : null;
  }
  const old = new Map(before.map((row) => [row.id, row]));
  const set: Row[] = [];
  let moved = before.length !== after.length;
  after.forEach((row, at) => {
    const earlier = old.get(row.id);
    if (!earlier || !isSame(earlier, row)) set.push(row);
    if (before[at]?.id !== row.id) moved = true;
    old.delete(row.id);
  });
  const removed = [...old.keys()];
  if (set.length === 0 && removed.length === 0 && !moved) return null;
  return {
    ...(set.length > 0 && { set }),
    ...(removed.length > 0 && { removed }),
    ...(moved && { order: after.map((row) => row.id) }),
  };
}

/** Nearly always so, and then no table of thousands of rows need be made four times a second. */
function isSameOrder(
  before: readonly { readonly id: string }[],
  after: readonly { readonly id: string }[],
): boolean {
  return before.length === after.length && after.every(({ id }, at) => before[at]?.id === id);
}

/** Deep equality of plain data. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(other, key) &&
      isSame((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
  );
}
