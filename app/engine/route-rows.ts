/** The rows of all routes. One that has not changed keeps its row: thousands are looked at four times a second, and most are quiet. */
import { isGuarded } from "../balance/choose-backend.ts";
import type { RouteConditions } from "../conditions/route-conditions.ts";
import { isLoopback, parseListen } from "../config/address.ts";
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { RouteStatus } from "../contract/snapshot.ts";
import { noTotals, type Totals } from "../forward/connection-registry.ts";
import type { PoolGuards } from "../guard/pool-guards.ts";
import { combineHealth, type BackendHealthWatch, type HealthReason } from "../health/backend-health.ts";
import { listenKey } from "../listen/listener-plan.ts";
import { kindsUsed, targetOf, type RouteTarget } from "./route-targets.ts";
import type { ListenerSet } from "./listener-set.ts";
import type { Rates } from "./rates.ts";
import type { RouteTimes } from "./route-times.ts";

/** What rows are made of. */
export interface ObservedRoutes {
  readonly config: ShuntConfig;
  /** Routes that are no longer configured and still have connections. */
  readonly leaving: readonly RouteConfig[];
  readonly listeners: ListenerSet;
  readonly health: BackendHealthWatch;
  readonly guards: PoolGuards;
  readonly conditions: RouteConditions;
  readonly times: RouteTimes;
  readonly routeRates: Rates;
}

export class RouteRows {
  /** By the route as configured, which is another object when it is changed. */
  readonly #rows = new WeakMap<RouteConfig, RouteStatus>();

  update(observed: ObservedRoutes, totals: ReadonlyMap<string, Totals>): readonly RouteStatus[] {
    const targets = new TargetsHealth(observed);
    return [...observed.config.routes, ...observed.leaving].map((route) => {
      const known = this.#rows.get(route);
      const row = rowOf(observed, route, totals.get(route.id) ?? noTotals, targets.of(route), known);
      if (row !== known) this.#rows.set(route, row);
      return row;
    });
  }
}

/** The row as it was, where everything in it is what it was. */
function rowOf(
  observed: ObservedRoutes,
  route: RouteConfig,
  { connections, bytes }: Totals,
  target: HealthReason,
  known: RouteStatus | undefined,
): RouteStatus {
  const { state, reason, failure } = stateOf(observed, route, connections.open, target);
  const look = { state, reason, targetHealth: target.health, targetReason: target.reason };
  const { since, lastTrouble } = observed.times.of(route.id, look);
  const session = observed.listeners.sessionListenOf(route);
  const conditions = observed.conditions.statusOf(route.id);
  const rate = observed.routeRates.of(route.id);
  if (
    known &&
    conditions === null &&
    known.conditions === null &&
    known.state === state &&
    known.reason === reason &&
    known.failure === failure &&
    known.targetHealth === target.health &&
    known.targetReason === target.reason &&
    known.since === since &&
    known.lastTrouble === lastTrouble &&
    known.sessionListen === (session?.instead ?? null) &&
    isSameCount(known.bytes, bytes) &&
    isSameCount(known.rate, rate) &&
    known.connections.open === connections.open &&
    known.connections.total === connections.total &&
    known.connections.refused === connections.refused
  )
    return known;
  const host = parseListen(route.listen)?.host ?? "";
  return {
    id: route.id,
    ...look,
    failure,
    since,
    lastTrouble,
    exposed: route.enabled !== false && !isLoopback(host),
    listen: session ? session.listen : listenKey(route),
    sessionListen: session?.instead ?? null,
    target: route.target,
    conditions,
    connections,
    bytes,
    rate,
  };
}

function isSameCount(one: RouteStatus["bytes"], other: RouteStatus["bytes"]): boolean {
  return one.toBackend === other.toBackend && one.toClient === other.toClient;
}

const notAsked: HealthReason = { health: "unknown", reason: null };

/** Of one look: routes share targets, and use the same of their endpoints. */
class TargetsHealth {
  readonly #observed: ObservedRoutes;
  readonly #known = new Map<RouteTarget, Map<RouteConfig["transport"], HealthReason>>();

  constructor(observed: ObservedRoutes) {
    this.#observed = observed;
  }

  of(route: RouteConfig): HealthReason {
    if (route.enabled === false) return notAsked;
    const target = targetOf(this.#observed.config, route);
    let byTransport = this.#known.get(target);
    if (!byTransport)
      this.#known.set(target, (byTransport = new Map<RouteConfig["transport"], HealthReason>()));
    let health = byTransport.get(route.transport);
    if (!health) byTransport.set(route.transport, (health = this.#combine(route, target)));
    return health;
  }

  #combine(route: RouteConfig, { backends }: RouteTarget): HealthReason {
    return combineHealth(
      backends.map((backend) => {
        const { health, reason } = this.#observed.health.of(backend.id, kindsUsed(route, backend));
        return { health, reason: reason === null ? null : `${backend.id}: ${reason}` };
      }),
    );
  }
}

type State = Pick<RouteStatus, "state" | "reason" | "failure">;

/** The states that nearly all routes are in nearly always. */
const [listening, starting, stopped]: readonly [State, State, State] = [
  { state: "listening", reason: null, failure: null },
  { state: "starting", reason: null, failure: null },
  { state: "stopped", reason: null, failure: null },
];

function stateOf(observed: ObservedRoutes, route: RouteConfig, open: number, target: HealthReason): State {
  const listener = observed.listeners.of(route)?.state;
  if (!listener || listener.is === "closed" || route.enabled === false) {
    if (open === 0) return stopped;
    const left = `${open} open ${open === 1 ? "connection is" : "connections are"} left.`;
    return { state: "draining", reason: left, failure: null };
  }
  if (listener.is === "starting") return starting;
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
  return listening;
}
