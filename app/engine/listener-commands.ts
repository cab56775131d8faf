/** What an operator may ask of a route's listener. */
import type { Reply } from "../contract/commands.ts";
import type { RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { formatHostPort } from "../config/address.ts";
import { accept, refuse } from "../failures.ts";
import type { EngineHandle } from "./engine-handle.ts";
import type { EngineParts } from "./engine-parts.ts";

export function listenerCommands({ hub, drains, listeners, times, inTurn }: EngineParts) {
  /** In turn, so that no change of the configuration comes between. */
  const ofRoute = (id: string, act: (route: RouteConfig) => Promise<Reply<null>>): Promise<Reply<null>> =>
    inTurn(async () => {
      const route = hub.config.routes.find((one) => one.id === id);
      return route ? act(route) : refuse("NOT_FOUND", `There is no route ${id}.`);
    });
  return {
    retryRoute: (id) => ofRoute(id, async (route) => replyOf(await listeners.retry(route))),
    restartRoute: (id, graceMs) =>
      ofRoute(id, async (route) => {
        if (route.enabled === false) return refuse("BAD_ARGUMENT", `Route ${id} is stopped.`);
        times.renew(id);
        return replyOf(await listeners.restart(route, () => drains.restart(route, graceMs)));
      }),
    listenForSession: (id, port) =>
      ofRoute(id, async (route) => {
        const listener = listeners.of(route);
        if (!listener) return refuse("BAD_ARGUMENT", `Route ${id} is stopped.`);
        if (listener.state.is === "failed") return replyOf(await listeners.standIn(listener, port));
        return refuse("BAD_ARGUMENT", `Route ${id} listens on ${formatHostPort(listener.plan.address)}.`);
      }),
  } satisfies Partial<EngineHandle>;
}

function replyOf(failed: Failure | null): Reply<null> {
  return failed ? { ok: false, failure: failed } : accept(null);
}
