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

export type CollectionName = "routes" | "backends" | "pools" | "tunnels";

/** The document without some rows of one collection. */
export function withoutRows(
  config: ShuntConfig,
  name: CollectionName,
  ids: ReadonlySet<string>,
): ShuntConfig {
  return { ...config, [name]: (config[name] as readonly Named[]).filter((row) => !ids.has(row.id)) };
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
