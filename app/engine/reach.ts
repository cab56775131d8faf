/** From a route to a connection with a backend: the pool's policy chooses, the dial tells, and others are tried. */
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, EndpointKind, RouteConfig, ShuntConfig } from "../contract/config.ts";
import { chooseBackend, isGuarded, type Choice, type MemberState } from "../balance/choose-backend.ts";
import { accept, refuse } from "../failures.ts";
import type { ConnectionRegistry } from "../forward/connection-registry.ts";
import type { Dial, DialHow } from "../forward/dial.ts";
import type { Forwarding, Reached } from "../forward/forwarding.ts";
import { resetSocket } from "../forward/reset.ts";
import type { PoolGuards } from "../guard/pool-guards.ts";
import type { BackendHealthWatch } from "../health/backend-health.ts";
import type { StatisticsWatch } from "../statistics/statistics-watch.ts";
import { targetOf } from "./route-targets.ts";

export interface ReachOptions {
  readonly config: () => ShuntConfig;
  readonly dial: Dial;
  readonly registry: ConnectionRegistry;
  readonly health: BackendHealthWatch;
  readonly statistics: StatisticsWatch;
  readonly guards: PoolGuards;
  readonly now?: () => number;
}

export function createReach(options: ReachOptions): Pick<Forwarding, "reach" | "redial"> {
  const { config, registry, health, statistics, guards, now = Date.now } = options;
  const turns = new Map<string, Map<string, number>>();
  const dialling = new Map<string, number>();

  const memberState = (backend: BackendConfig, kind: EndpointKind): MemberState => {
    const status = statistics.status(backend.id);
    const inDial = dialling.get(backend.id) ?? 0;
    return {
      id: backend.id,
      health: health.of(backend.id, [kind]).health,
      drained: backend.drained === true,
      connections: registry.openOn(backend.id) + inDial,
      load:
        status?.load && status.sampledAtMs !== null
          ? {
              ...status.load,
              ageMs: now() - status.sampledAtMs,
              intervalMs: status.intervalMs,
              placedSince: registry.placedSince(backend.id) + inDial,
            }
          : null,
    };
  };
  const choose = (route: RouteConfig, kind: EndpointKind, tried: ReadonlySet<string>): Reply<Choice> => {
    const { pool, backends } = targetOf(config(), route);
    const [only] = backends;
    if (!pool) {
      if (!only || tried.has(only.id))
        return refuse("NO_MEMBER_UP", `Backend ${route.target} took no connection.`);
      if (only.drained)
        return refuse("BACKEND_DRAINED", `Backend ${only.id} is drained and takes no new connections.`);
      const why = only.id === route.target ? "only target" : "first member: replication is never moved";
      return accept({ backend: only.id, why });
    }
    const members = backends
      .filter((backend) => backend[kind] !== undefined)
      .map((backend) => memberState(backend, kind));
    const memory = turns.get(pool.id) ?? new Map<string, number>();
    turns.set(pool.id, memory);
    const role = route.clients ?? "mixed";
    return chooseBackend({ pool, role, members, guarded: guards.placeOf(pool.id), tried, turns: memory });
  };
  /** False where the guard sends the route's clients elsewhere, perhaps since a moment ago. */
  const mayGoTo = (route: RouteConfig, backend: string): boolean => {
    const { pool } = targetOf(config(), route);
    if (!pool || !isGuarded(route.clients ?? "mixed")) return true;
    const place = guards.placeOf(pool.id);
    return "to" in place && place.to === backend;
  };
  const dialAndNote = async (
    backend: BackendConfig,
    kind: EndpointKind,
    how: Pick<DialHow, "signal" | "tlsPassthrough"> = {},
  ): Promise<Reply<BackendSocket>> => {
    const { signal, tlsPassthrough = false } = how;
    dialling.set(backend.id, (dialling.get(backend.id) ?? 0) + 1);
    const reply = await options.dial(backend, kind, how);
    const left = (dialling.get(backend.id) ?? 1) - 1;
    if (left > 0) dialling.set(backend.id, left);
    else dialling.delete(backend.id);
    // Where TLS is passed through, nothing was seen of it yet: that somebody listens is not that the endpoint is well.
    const says = !reply.ok || !tlsPassthrough;
    if (!signal?.aborted && says) health.noteDial(backend.id, kind, reply.ok ? null : reply.failure);
    return reply;
  };
  const reach = async (
    route: RouteConfig,
    kind: EndpointKind,
    signal: AbortSignal,
  ): Promise<Reply<Reached>> => {
    const tried = new Set<string>();
    for (;;) {
      const choice = choose(route, kind, tried);
      if (!choice.ok) return choice;
      const backend = config().backends.find((one) => one.id === choice.value.backend);
      if (!backend) return refuse("NOT_FOUND", `Backend ${choice.value.backend} is no longer configured.`);
      const { tlsPassthrough = false } = route;
      const reply = await dialAndNote(backend, kind, { signal, tlsPassthrough });
      if (!reply.ok) {
        // A guarded client is told what its active member said, unless the guard has moved on meanwhile.
        const isOver = targetOf(config(), route).pool === null || signal.aborted;
        if (isOver || (isGuarded(route.clients ?? "mixed") && mayGoTo(route, backend.id))) return reply;
        tried.add(backend.id);
      } else if (signal.aborted || mayGoTo(route, backend.id))
        return accept({ socket: reply.value, backend, why: choice.value.why });
      else resetSocket(reply.value);
    }
  };
  return { reach, redial: (_route, backend, kind) => dialAndNote(backend, kind) };
}
