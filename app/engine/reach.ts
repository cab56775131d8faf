/** From a route to a connection with a backend: the pool's policy chooses, the dial tells, and others are tried. */
import type { Reply } from "../contract/commands.ts";
import type { EndpointKind, RouteConfig } from "../contract/config.ts";
import { chooseBackend, isGuarded, type Choice } from "../balance/choose-backend.ts";
import { accept, isOwnShortage, refuse } from "../failures.ts";
import type { GoneSignal } from "../forward/departure.ts";
import type { Dialler, Forwarding, ReachedBy } from "../forward/forwarding.ts";
import { resetSocket } from "../forward/reset.ts";
import { createPlacing, type PlacingOptions } from "./placing.ts";
import { createReachNamed } from "./reach-named.ts";
import { targetOf } from "./route-targets.ts";

type Reaching = Pick<Forwarding, "reach" | "reachBy" | "reachNamed" | "redial" | "dialsElsewhere">;

/** Why a backend is chosen that is the only one: the target itself, or the first of a pool that counts as one. */
export function whyOnly(route: RouteConfig, only: string): string {
  return only === route.target ? "only target" : "first member: replication is never moved";
}

export function createReach(options: PlacingOptions): Reaching {
  const { config, guards } = options;
  const placing = createPlacing(options);

  const choose = (route: RouteConfig, kind: EndpointKind, tried: ReadonlySet<string>): Reply<Choice> => {
    const { pool, backends } = targetOf(config(), route);
    const [only] = backends;
    if (!pool) {
      if (!only || tried.has(only.id))
        return refuse("NO_MEMBER_UP", `Backend ${route.target} took no connection.`);
      if (only.drained)
        return refuse("BACKEND_DRAINED", `Backend ${only.id} is drained and takes no new connections.`);
      return accept({ backend: only.id, why: whyOnly(route, only.id) });
    }
    const role = route.clients ?? "mixed";
    const guarded = guards.placeOf(pool.id);
    return chooseBackend({ pool, role, guarded, tried, ...placing.members(pool, backends, kind) });
  };
  /** False where the guard sends the route's clients elsewhere, perhaps since a moment ago. */
  const mayGoTo = (route: RouteConfig, backend: string): boolean => {
    const { pool } = targetOf(config(), route);
    if (!pool || !isGuarded(route.clients ?? "mixed")) return true;
    const place = guards.placeOf(pool.id);
    return "to" in place && place.to === backend;
  };
  const reachBy = async <S>(
    route: RouteConfig,
    kind: EndpointKind,
    signal: GoneSignal,
    { dial, giveUp }: Dialler<S>,
  ): Promise<Reply<ReachedBy<S>>> => {
    const tried = new Set<string>();
    for (;;) {
      const choice = choose(route, kind, tried);
      if (!choice.ok) return choice;
      const backend = config().backends.find((one) => one.id === choice.value.backend);
      if (!backend) return refuse("NOT_FOUND", `Backend ${choice.value.backend} is no longer configured.`);
      const reply = await dial(backend, kind);
      if (!reply.ok) {
        // A guarded client is told what its active member said, unless the guard has moved on meanwhile.
        // No other member can be reached either where there is no descriptor.
        const isOver =
          targetOf(config(), route).pool === null || signal.aborted || isOwnShortage(reply.failure);
        if (isOver || (isGuarded(route.clients ?? "mixed") && mayGoTo(route, backend.id))) return reply;
        tried.add(backend.id);
      } else if (signal.aborted || mayGoTo(route, backend.id))
        return accept({ socket: reply.value, backend, why: choice.value.why });
      else giveUp(reply.value);
    }
  };
  return {
    reach: (route, kind, signal) =>
      reachBy(route, kind, signal, {
        dial: (backend) =>
          placing.dial(backend, kind, { signal, tlsPassthrough: route.tlsPassthrough === true }),
        giveUp: resetSocket,
      }),
    reachBy,
    dialsElsewhere: placing.elsewhere,
    reachNamed: createReachNamed(options, placing),
    redial: (_route, backend, kind) => placing.dial(backend, kind),
  };
}
