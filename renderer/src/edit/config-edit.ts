/** Edits of the configuration document: each takes one and returns another, and leaves the rest of it as it was. */
import type {
  BackendConfig,
  PoolConfig,
  RouteConfig,
  ShuntConfig,
  TunnelConfig,
} from "../../../app/contract/config.ts";

type Named = { readonly id: string };

/** The document with one row replaced by name, or added at the end where `replaces` is null or gone. */
function withRow<Row extends Named>(rows: readonly Row[], row: Row, replaces: string | null): readonly Row[] {
  const at = rows.findIndex((other) => other.id === replaces);
  return at === -1 ? [...rows, row] : rows.with(at, row);
}

/** Where a row stands after `withRow`: the index that problem paths use. */
export function rowIndex(rows: readonly Named[], replaces: string | null): number {
  const at = rows.findIndex((other) => other.id === replaces);
  return at === -1 ? rows.length : at;
}

export function withRoute(config: ShuntConfig, route: RouteConfig, replaces: string | null): ShuntConfig {
  return { ...config, routes: withRow(config.routes, route, replaces) };
}

/** A renamed backend keeps its pools and routes. */
export function withBackend(
  config: ShuntConfig,
  backend: BackendConfig,
  replaces: string | null,
): ShuntConfig {
  const renamed = replaces === null ? config : renameTarget(config, replaces, backend.id);
  return { ...renamed, backends: withRow(renamed.backends, backend, replaces) };
}

/** The document with a backend drained, or not. */
export function withDrained(config: ShuntConfig, id: string, drained: boolean): ShuntConfig {
  const backends = config.backends.map((backend) => {
    if (backend.id !== id) return backend;
    const { drained: _before, ...rest } = backend;
    return drained ? { ...rest, drained } : rest;
  });
  return { ...config, backends };
}

/** A renamed pool keeps its routes. */
export function withPool(config: ShuntConfig, pool: PoolConfig, replaces: string | null): ShuntConfig {
  const renamed = replaces === null ? config : renameTarget(config, replaces, pool.id);
  return { ...renamed, pools: withRow(renamed.pools, pool, replaces) };
}

/** A renamed tunnel keeps its backends. */
export function withTunnel(config: ShuntConfig, tunnel: TunnelConfig, replaces: string | null): ShuntConfig {
  return {
    ...config,
    tunnels: withRow(config.tunnels, tunnel, replaces),
    backends: config.backends.map((backend) =>
      replaces !== null && backend.via === replaces ? { ...backend, via: tunnel.id } : backend,
    ),
  };
}

/** The backends that are reached through a tunnel. */
export function usersOfTunnel(config: ShuntConfig, tunnel: string): readonly string[] {
  return config.backends.filter(({ via }) => via === tunnel).map(({ id }) => `backend ${id}`);
}

function renameTarget(config: ShuntConfig, from: string, to: string): ShuntConfig {
  if (from === to) return config;
  const name = (id: string): string => (id === from ? to : id);
  return {
    ...config,
    pools: config.pools.map((pool) => ({
      ...pool,
      members: pool.members.map(name),
      ...(pool.weights && {
        weights: Object.fromEntries(Object.entries(pool.weights).map(([id, share]) => [name(id), share])),
      }),
      ...(pool.links && {
        links: pool.links.map((link) => ({ ...link, from: name(link.from), to: name(link.to) })),
      }),
    })),
    routes: config.routes.map((route) => ({ ...route, target: name(route.target) })),
  };
}

/** Rows taken out, with where each stood, so that they can be put back. */
export interface RemovedRows<Row> {
  readonly config: ShuntConfig;
  readonly removed: readonly { readonly index: number; readonly row: Row }[];
}

/** The row types of the collections that rows can be taken out of. */
export interface Collections {
  readonly routes: RouteConfig;
  readonly backends: BackendConfig;
  readonly pools: PoolConfig;
  readonly tunnels: TunnelConfig;
}
export type CollectionName = keyof Collections;

/** The document without some rows of one collection. */
export function withoutRows<Name extends CollectionName>(
  config: ShuntConfig,
  name: Name,
  ids: ReadonlySet<string>,
): RemovedRows<Collections[Name]> {
  const rows = config[name] as readonly Collections[Name][];
  const removed = rows.map((row, index) => ({ index, row })).filter(({ row }) => ids.has(row.id));
  return { config: { ...config, [name]: rows.filter((row) => !ids.has(row.id)) }, removed };
}

/** The document with removed rows back where they were; one whose id is in use again is left out. */
export function withRowsBack<Name extends CollectionName>(
  config: ShuntConfig,
  name: Name,
  removed: RemovedRows<Collections[Name]>["removed"],
): ShuntConfig {
  const rows = [...(config[name] as readonly Collections[Name][])];
  for (const { index, row } of removed) {
    if (!rows.some((other) => other.id === row.id)) rows.splice(Math.min(index, rows.length), 0, row);
  }
  return { ...config, [name]: rows };
}

/** Who would miss a backend or a pool: the pools and routes that name it. */
export function usersOf(config: ShuntConfig, target: string): readonly string[] {
  return [
    ...config.pools.filter((pool) => pool.members.includes(target)).map((pool) => `pool ${pool.id}`),
    ...config.routes.filter((route) => route.target === target).map((route) => `route ${route.id}`),
  ];
}

/** `orders-2` for `orders`, `orders-3` when that is taken: always a valid, unused id. */
export function freeId(like: string, taken: readonly Named[]): string {
  const stem = like.replace(/-\d+$/, "").slice(0, 58) || "new";
  for (let n = 2; ; n += 1) {
    const id = `${stem}-${n}`;
    if (!taken.some((other) => other.id === id)) return id;
  }
}
