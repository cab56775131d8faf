/** What differs between two snapshots, by rows. Pure. */
import { isSame } from "../config/same-parts.ts";
import type { RowChanges, Snapshot, SnapshotChanges } from "../contract/snapshot.ts";

const collections = ["routes", "backends", "pools", "tunnels", "connections"] as const;

/** The changes from one snapshot to the next, or null where nothing differs. */
export function changesBetween(
  before: Snapshot,
  after: Snapshot,
): Omit<SnapshotChanges, "revision" | "time"> | null {
  const changes: Record<string, RowChanges<unknown> | number> = {};
  for (const name of collections) {
    const rows = changedRows<{ readonly id: string }>(before[name], after[name]);
    if (rows) changes[name] = rows;
  }
  if (before.openConnections !== after.openConnections) changes["openConnections"] = after.openConnections;
  return Object.keys(changes).length === 0 ? null : changes;
}

/** Nearly always rows stay, go, or come in last: then no table and no order of thousands of rows need be made four times a second. */
function changedRows<Row extends { readonly id: string }>(
  before: readonly Row[],
  after: readonly Row[],
): RowChanges<Row> | null {
  const set: Row[] = [];
  const removed = new Set<string>();
  let at = 0;
  for (const row of before) {
    const now = after[at];
    // Thousands of rows stay what they are: those are not even looked into.
    if (now === row) at++;
    else if (now?.id !== row.id) removed.add(row.id);
    else {
      if (!isSame(row, now)) set.push(now);
      at++;
    }
  }
  for (const row of after.slice(at)) {
    if (removed.has(row.id)) return rearrangedRows(before, after);
    set.push(row);
  }
  if (set.length === 0 && removed.size === 0) return null;
  return { ...(set.length > 0 && { set }), ...(removed.size > 0 && { removed: [...removed] }) };
}

/** The same where rows have moved. */
function rearrangedRows<Row extends { readonly id: string }>(
  before: readonly Row[],
  after: readonly Row[],
): RowChanges<Row> {
  const old = new Map(before.map((row) => [row.id, row]));
  const set: Row[] = [];
  for (const row of after) {
    const earlier = old.get(row.id);
    if (!earlier || !isSame(earlier, row)) set.push(row);
    old.delete(row.id);
  }
  const removed = [...old.keys()];
  return {
    ...(set.length > 0 && { set }),
    ...(removed.length > 0 && { removed }),
    order: after.map((row) => row.id),
  };
}
