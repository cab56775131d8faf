/** What is asked of one route while it runs, and of the addresses that it has or might have. */
import type { CommandHandlers } from "../contract/commands.ts";
import type { EngineHandle } from "../engine/engine-handle.ts";
import { clientAddresses } from "../export/client-addresses.ts";
import { accept, refuse } from "../failures.ts";
import { defaultGraceMs, type Configuration } from "./configuration.ts";

export function routeHandlers(engine: EngineHandle, { resolved }: Configuration) {
  return {
    "route.hour": async ({ id }) => accept(await engine.hour(id)),
    "route.retry": ({ id }) => engine.retryRoute(id),
    "route.restart": ({ id, graceMs = defaultGraceMs }) => engine.restartRoute(id, graceMs),
    "route.listen-for-session": ({ id, port }) => engine.listenForSession(id, port),
    "route.conditions.set": ({ id, conditions, forMs, reconnect = false }) =>
      engine.setConditions(id, conditions, { forMs, reconnect }),
    "route.conditions.clear": ({ id }) => engine.clearConditions(id),
    "route.addresses": async ({ id }) => {
      const route = resolved().routes.find((one) => one.id === id);
      if (!route) return refuse("NOT_FOUND", `There is no route ${id}.`);
      const status = (await engine.snapshot(false)).routes.find((one) => one.id === id);
      // Clients are to go where it listens now, though that be for this session only.
      const listens = status?.sessionListen ? { ...route, listen: status.listen } : route;
      return accept(clientAddresses(resolved(), listens));
    },
    "listen.suggest": ({ listen }) => engine.suggestListen(listen),
  } satisfies Partial<CommandHandlers>;
}
