import type {
  ConnectionStatus,
  BackendStatus,
  PoolStatus,
  RouteStatus,
  RowChanges,
  Snapshot,
  SnapshotChanges,
  TunnelStatus,
} from "../../../app/contract/snapshot.ts";

/** The engine's collections as the mirror holds them. */
export interface MirroredRows {
  readonly revision: number;
  readonly time: string;
  readonly routes: readonly RouteStatus[];
  readonly backends: readonly BackendStatus[];
  readonly pools: readonly PoolStatus[];
  readonly tunnels: readonly TunnelStatus[];
  /** Null while no screen lists them. */
  readonly connections: readonly ConnectionStatus[] | null;
  readonly openConnections: number;
}

/** `stale`: older than what is mirrored, to be dropped. `gap`: something in between is missing, fetch a snapshot. */
type ChangesFit = "next" | "stale" | "gap";

/** Tells whether a change set continues the mirrored revision. */
export function fitOf(mirrored: number, incoming: number): ChangesFit {
  if (incoming <= mirrored) return "stale";
  return incoming === mirrored + 1 ? "next" : "gap";
}

/** The rows of a fetched snapshot, those of connections where they were asked for. */
export function rowsOf(snapshot: Snapshot, lists: boolean): MirroredRows {
  const { revision, time, routes, backends, pools, tunnels, openConnections } = snapshot;
  const connections = lists ? snapshot.connections : null;
  return { revision, time, routes, backends, pools, tunnels, connections, openConnections };
}

/** The rows after one change set; untouched rows and collections keep their identity. */
export function applyChanges(rows: MirroredRows, changes: SnapshotChanges): MirroredRows {
  return {
    revision: changes.revision,
    time: changes.time,
    routes: applyRowChanges(rows.routes, changes.routes),
    backends: applyRowChanges(rows.backends, changes.backends),
    pools: applyRowChanges(rows.pools, changes.pools),
    tunnels: applyRowChanges(rows.tunnels, changes.tunnels),
    connections: rows.connections && applyRowChanges(rows.connections, changes.connections),
    openConnections: changes.openConnections ?? rows.openConnections,
  };
}

/** One collection after its changes: replaced in place, new ones last, unless `order` says otherwise. */
export function applyRowChanges<Row extends { readonly id: string }>(
  rows: readonly Row[],
  changes: RowChanges<Row> | undefined,
): readonly Row[] {
  if (!changes) return rows;
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const row of changes.set ?? []) byId.set(row.id, row);
  for (const id of changes.removed ?? []) byId.delete(id);
  if (!changes.order) return [...byId.values()];
  const ordered: Row[] = [];
  for (const id of changes.order) {
    const row = byId.get(id);
    if (row && byId.delete(id)) ordered.push(row);
  }
  return [...ordered, ...byId.values()];
}
