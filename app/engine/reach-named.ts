/** From a sticky route and a client's name to a connection with the member where it belongs, or to which it may fail over. */
import type { Reply } from "../contract/commands.ts";
import type { RouteConfig } from "../contract/config.ts";
import { chooseAmong, type Choice } from "../balance/choose-backend.ts";
import { accept, isOwnShortage, refuse } from "../failures.ts";
import type { GoneSignal } from "../forward/departure.ts";
import type { Forwarding, Reached } from "../forward/forwarding.ts";
import { resetSocket } from "../forward/reset.ts";
import type { NamedPlace } from "../guard/named-clients.ts";
import { createTurns } from "./in-turn.ts";
import type { Placing, PlacingOptions } from "./placing.ts";
import { targetOf } from "./route-targets.ts";

export function createReachNamed(
  { config, guards, registry }: PlacingOptions,
  placing: Placing,
): Forwarding["reachNamed"] {
  const inTurn = createTurns();

  const choose = (place: NamedPlace, route: RouteConfig, tried: ReadonlySet<string>): Reply<Choice> => {
    if ("held" in place) return refuse("ROUTE_HELD", place.held);
    if ("stays" in place) return accept(place.stays);
    const { pool, backends } = targetOf(config(), route);
    if (!pool) return noPool(route);
    return chooseAmong({ pool, tried, ...placing.members(pool, backends, "amps") }, place.among);
  };
  /** A name on two instances at once is not detected by AMPS, and corrupts what it keeps of the name (amps-facts 6.5). */
  const cutElsewhere = (route: RouteConfig, client: string, backend: string): void => {
    const routes = new Set(
      config()
        .routes.filter(({ target }) => target === route.target)
        .map(({ id }) => id),
    );
    for (const other of [...registry.all()]) {
      const isSame = other.logon?.ampsClient === client && routes.has(other.route);
      if (isSame && other.backend !== null && other.backend !== backend) other.cut();
    }
  };
  const reachNow = async (
    route: RouteConfig,
    client: string,
    signal: GoneSignal,
  ): Promise<Reply<Reached>> => {
    const tried = new Set<string>();
    for (;;) {
      const { pool, backends } = targetOf(config(), route);
      if (!pool) return noPool(route);
      const choice = choose(guards.placeOfNamed(pool, client), route, tried);
      if (!choice.ok) return choice;
      const backend = backends.find((one) => one.id === choice.value.backend);
      if (!backend) return refuse("NOT_FOUND", `Backend ${choice.value.backend} is no longer in the pool.`);
      const reply = await placing.dial(backend, "amps", { signal });
      // While it was dialled the guard may have opened a way, or closed one.
      const place = guards.placeOfNamed(pool, client);
      if (!reply.ok) {
        if (signal.aborted || "stays" in place || isOwnShortage(reply.failure)) return reply;
        tried.add(backend.id);
      } else if (!mayTake(place, backend.id) && !signal.aborted) resetSocket(reply.value);
      else {
        const refused = signal.aborted ? null : await guards.settleNamed(pool, client, choice.value);
        if (refused === null) {
          cutElsewhere(route, client, backend.id);
          return accept({ socket: reply.value, backend, why: choice.value.why });
        }
        resetSocket(reply.value);
        return refuse("ROUTE_HELD", refused);
      }
    }
  };
  // One at a time for each name: two of them must not find two members.
  return (route, client, signal) =>
    inTurn(`${route.target} ${client}`, () => reachNow(route, client, signal));
}

function noPool<T>(route: RouteConfig): Reply<T> {
  return refuse("NOT_FOUND", `Route ${route.id} leads to no pool any more.`);
}

function mayTake(place: NamedPlace, backend: string): boolean {
  if ("held" in place) return false;
  if ("stays" in place) return place.stays.backend === backend;
  return place.among.some((one) => one.backend === backend);
}
