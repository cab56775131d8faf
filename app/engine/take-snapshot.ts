/** Puts the engine's observations into one snapshot. Reads, and changes nothing but when a route was first seen as it is. */
import type { RouteConditions } from "../conditions/route-conditions.ts";
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { RouteStatus, Snapshot, TunnelStatus } from "../contract/snapshot.ts";
import { isLoopback, parseListen } from "../config/address.ts";
import { isGuarded } from "../balance/choose-backend.ts";
import type { ConnectionRegistry, Totals } from "../forward/connection-registry.ts";
import type { Galvanometers } from "../galvanometer/galvanometers.ts";
import type { PoolGuards } from "../guard/pool-guards.ts";
import { combineHealth, type BackendHealthWatch, type HealthReason } from "../health/backend-health.ts";
import { listenKey } from "../listen/listener-plan.ts";
import type { StatisticsWatch } from "../statistics/statistics-watch.ts";
import type { ConnectionRows } from "./connection-rows.ts";
import type { ListenerSet } from "./listener-set.ts";
import type { Rates } from "./rates.ts";
import type { RouteTimes } from "./route-times.ts";
import { kindsUsed, targetOf } from "./route-targets.ts";

export interface Observed {
  readonly config: ShuntConfig;
  /** Routes that are no longer configured and still have connections. */
  readonly leaving: readonly RouteConfig[];
  readonly listeners: ListenerSet;
  readonly registry: ConnectionRegistry;
  readonly connections: ConnectionRows;
  readonly galvanometers: Galvanometers;
  readonly health: BackendHealthWatch;
  readonly statistics: StatisticsWatch;
  readonly guards: PoolGuards;
  readonly conditions: RouteConditions;
  readonly tunnelOf: (id: string) => TunnelStatus;
  readonly times: RouteTimes;
  readonly routeRates: Rates;
  readonly backendRates: Rates;
}

const noTotals: Totals = {
  connections: { open: 0, total: 0, refused: 0 },
  bytes: { toBackend: 0, toClient: 0 },
};

export function takeSnapshot(observed: Observed, revision: number): Snapshot {
  const { config, registry } = observed;
  const totals = registry.totals();
  const routes = [...config.routes, ...observed.leaving];
  return {
    revision,
    time: new Date().toISOString(),
    routes: routes.map((route) => routeStatus(observed, route, totals.routes.get(route.id) ?? noTotals)),
    backends: config.backends.map((backend) => {
      const { connections, bytes } = totals.backends.get(backend.id) ?? noTotals;
      return {
        id: backend.id,
        connections: connections.open,
        bytes,
        rate: observed.backendRates.of(backend.id),
        load: observed.statistics.status(backend.id)?.load ?? null,
        ...observed.health.status(backend.id),
      };
    }),
    pools: config.pools.map((pool) => observed.guards.status(pool)),
    tunnels: config.tunnels.map(({ id }) => observed.tunnelOf(id)),
    connections: [...observed.connections.update(), ...observed.galvanometers.connections()],
  };
}

/** What a route's row repeats for as long as its configuration stays. */
interface Constants {
  readonly listen: string;
  readonly exposed: boolean;
}

const constants = new WeakMap<RouteConfig, Constants>();

function constantsOf(route: RouteConfig): Constants {
  const known = constants.get(route);
  if (known) return known;
  const host = parseListen(route.listen)?.host ?? "";
  const found = { listen: listenKey(route), exposed: route.enabled !== false && !isLoopback(host) };
  constants.set(route, found);
  return found;
}

function routeStatus(observed: Observed, route: RouteConfig, totals: Totals): RouteStatus {
  const { connections, bytes } = totals;
  const target = targetHealth(observed, route);
  const session = observed.listeners.sessionListenOf(route);
  const look = {
    ...stateOf(observed, route, connections.open, target),
    targetHealth: target.health,
    targetReason: target.reason,
  };
  return {
    id: route.id,
    ...look,
    ...observed.times.of(route.id, look),
    ...constantsOf(route),
    ...(session && { listen: session.listen }),
    sessionListen: session?.instead ?? null,
    target: route.target,
    conditions: observed.conditions.statusOf(route.id),
    connections,
    bytes,
    rate: observed.routeRates.of(route.id),
  };
}

function targetHealth({ config, health }: Observed, route: RouteConfig): HealthReason {
  if (route.enabled === false) return { health: "unknown", reason: null };
  const parts = targetOf(config, route).backends.map((backend) => {
    const own = health.of(backend.id, kindsUsed(route, backend));
    return { health: own.health, reason: own.reason === null ? null : `${backend.id}: ${own.reason}` };
  });
  return combineHealth(parts);
}

function stateOf(
  observed: Observed,
  route: RouteConfig,
  open: number,
  target: HealthReason,
): Pick<RouteStatus, "state" | "reason" | "failure"> {
  const listener = observed.listeners.of(route)?.state;
  if (!listener || listener.is === "closed" || route.enabled === false) {
    const draining = open > 0;
    return {
      state: draining ? "draining" : "stopped",
      reason: draining ? `${open} open ${open === 1 ? "connection is" : "connections are"} left.` : null,
      failure: null,
    };
  }
  if (listener.is === "starting") return { state: "starting", reason: null, failure: null };
  if (listener.is === "failed")
    return { state: "failed", reason: listener.failure.message, failure: listener.failure };
  const { pool } = targetOf(observed.config, route);
  if (pool && route.sticky !== undefined) {
    const held = observed.guards.namedHeld(pool.id);
    if (held !== null) return { state: "degraded", reason: held, failure: null };
  } else if (pool && isGuarded(route.clients ?? "mixed")) {
    const place = observed.guards.placeOf(pool.id);
    if ("held" in place) return { state: "held", reason: place.held, failure: null };
  }
  if (pool && target.health === "degraded")
    return { state: "degraded", reason: target.reason, failure: null };
  return { state: "listening", reason: null, failure: null };
}
