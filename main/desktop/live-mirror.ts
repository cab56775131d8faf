/** The main process's own copy of configuration and snapshot, for tray, menu and quitting. */
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { LiveEvent } from "../../app/contract/live.ts";
import type { RowChanges, Snapshot, SnapshotChanges } from "../../app/contract/snapshot.ts";
import type { Reply } from "../../app/contract/commands.ts";
import type { SavedConfig } from "../../app/contract/commands.ts";

/** The part of the service that the mirror needs. */
export interface MirroredService {
  handle(name: string, argument: unknown): Promise<Reply<unknown>>;
  onEvent(listener: (event: LiveEvent) => void): () => void;
}

/** Without the rows of connections: there may be thousands, and counts are enough here. */
export type MirroredSnapshot = Omit<Snapshot, "connections" | "openConnections">;

export interface LiveMirror {
  /** Null until the service has answered. */
  current(): { readonly config: ShuntConfig | null; readonly snapshot: MirroredSnapshot | null };
  /** Fetches both anew: after the engine was started again, its revisions begin again. */
  refresh(): Promise<void>;
  onChange(listener: () => void): () => void;
}

export function createLiveMirror(service: MirroredService): LiveMirror {
  const listeners = new Set<() => void>();
  let config: ShuntConfig | null = null;
  let snapshot: MirroredSnapshot | null = null;
  const tell = () => listeners.forEach((listener) => listener());

  const fetchConfig = async () => {
    const reply = (await service.handle("config.get", null)) as Reply<SavedConfig>;
    if (reply.ok) config = reply.value.config;
  };
  const fetchSnapshot = async () => {
    const reply = (await service.handle("snapshot.get", { connections: false })) as Reply<MirroredSnapshot>;
    if (reply.ok) snapshot = reply.value;
  };

  service.onEvent((event) => {
    if (event.type === "config") void fetchConfig().then(tell);
    if (event.type !== "changes" || snapshot === null || event.changes.revision <= snapshot.revision) return;
    snapshot = withChanges(snapshot, event.changes);
    tell();
  });

  return {
    current: () => ({ config, snapshot }),
    async refresh() {
      await Promise.all([fetchConfig(), fetchSnapshot()]);
      tell();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The snapshot after a change set; the old one is left as it is. */
export function withChanges(snapshot: MirroredSnapshot, changes: SnapshotChanges): MirroredSnapshot {
  return {
    revision: changes.revision,
    time: changes.time,
    routes: withRows(snapshot.routes, changes.routes),
    backends: withRows(snapshot.backends, changes.backends),
    pools: withRows(snapshot.pools, changes.pools),
    tunnels: withRows(snapshot.tunnels, changes.tunnels),
  };
}

function withRows<Row extends { readonly id: string }>(
  rows: readonly Row[],
  changes: RowChanges<Row> | undefined,
): readonly Row[] {
  if (changes === undefined) return rows;
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const id of changes.removed ?? []) byId.delete(id);
  for (const row of changes.set ?? []) byId.set(row.id, row);
  if (changes.order === undefined) return [...byId.values()];
  return changes.order.flatMap((id) => byId.get(id) ?? []);
}
