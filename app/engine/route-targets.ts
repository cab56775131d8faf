/** What a route may reach: its backends and which of their endpoints. Pure. */
import type {
  BackendConfig,
  EndpointKind,
  PoolConfig,
  RouteConfig,
  ShuntConfig,
} from "../contract/config.ts";

export interface RouteTarget {
  /** Null where the target is one backend, or counts as one. */
  readonly pool: PoolConfig | null;
  readonly backends: readonly BackendConfig[];
}

/** A configuration never changes once it is applied, and every connection and every snapshot asks. */
const known = new WeakMap<ShuntConfig, Map<string, RouteTarget>>();

export function targetOf(config: ShuntConfig, route: RouteConfig): RouteTarget {
  const targets = known.get(config) ?? new Map<string, RouteTarget>();
  if (targets.size === 0) known.set(config, targets);
  const key = `${route.transport === "replication" ? "replication" : "any"} ${route.target}`;
  const target = targets.get(key) ?? findTarget(config, route);
  targets.set(key, target);
  return target;
}

/** Replication is never balanced or moved: AMPS has its own lists of addresses (amps-facts 6.3). The first member it is. */
function findTarget(config: ShuntConfig, route: RouteConfig): RouteTarget {
  const target = config.pools.find((one) => one.id === route.target) ?? null;
  const pool = route.transport === "replication" ? null : target;
  const members = target ? target.members : [route.target];
  const ids = pool ? members : members.slice(0, 1);
  const backends = ids
    .map((id) => config.backends.find((backend) => backend.id === id))
    .filter((backend) => backend !== undefined);
  return { pool, backends };
}

/** Whether a route reaches under both configurations exactly the same; unchanged parts have to be the same objects. */
export function reachesSame(one: ShuntConfig, other: ShuntConfig, route: RouteConfig): boolean {
  const [before, after] = [targetOf(one, route), targetOf(other, route)];
  return (
    before.pool === after.pool &&
    before.backends.length === after.backends.length &&
    before.backends.every((backend, at) => backend === after.backends[at])
  );
}

/** The endpoints that a route uses of a backend: one on a port route, all that carry traffic on a path route. */
export function kindsUsed(route: RouteConfig, backend: BackendConfig): readonly EndpointKind[] {
  if (route.transport !== undefined) return [route.transport];
  return (["amps", "websocket", "admin"] as const).filter((kind) => backend[kind] !== undefined);
}

/** Which endpoints the enabled routes of a configuration use: `backend kind` keys. */
export function usedEndpoints(config: ShuntConfig): ReadonlySet<string> {
  const used = new Set<string>();
  for (const route of config.routes) {
    if (route.enabled === false) continue;
    for (const backend of targetOf(config, route).backends) {
      for (const kind of kindsUsed(route, backend)) used.add(`${backend.id} ${kind}`);
    }
  }
  return used;
}

/** The backends that enabled routes may reach, in the configuration's order. */
export function usedBackends(config: ShuntConfig): readonly BackendConfig[] {
  const enabled = config.routes.filter((route) => route.enabled !== false);
  const used = new Set(enabled.flatMap((route) => targetOf(config, route).backends));
  return config.backends.filter((backend) => used.has(backend));
}
