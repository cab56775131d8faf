/** Puts the engine's parts together. */
import { AgentResponders } from "../agent/agent-responders.ts";
import { Galvanometers } from "../galvanometer/galvanometers.ts";
import { answerForPool } from "./answer-agent.ts";
import { ConnectionRows } from "./connection-rows.ts";
import type { EngineOptions } from "./engine-options.ts";
import { EngineHub } from "./engine-hub.ts";
import { startFlowSampling } from "./flow-sampling.ts";
import { createTurns } from "./in-turn.ts";
import { RouteRows } from "./route-rows.ts";
import { RouteTimes } from "./route-times.ts";
import { RouteDrains } from "./route-drains.ts";
import { usedEndpoints } from "./route-targets.ts";
import { createWatches, type Watches } from "./watches.ts";
import { createWaysIn } from "./ways-in.ts";
import { createWaysOut, type WaysOut } from "./ways-out.ts";

export type EngineParts = ReturnType<typeof assembleEngine>;

export function assembleEngine(options: EngineOptions) {
  const hub = new EngineHub();
  const out = createWaysOut(hub, options);
  const watches = createWatches(hub, out.openTcp, options);
  const agents = new AgentResponders({
    answer: (pool, member, subscribers) =>
      answerForPool({ config: hub.config, ...watches }, pool, member, subscribers),
    note: hub.note,
  });
  /** Only what a route, or an open Galvanometer, uses is probed. */
  const watchUsed = (): void => {
    const used = usedEndpoints(hub.config);
    watches.health.update(
      hub.config.backends,
      (backend, kind) =>
        used.has(`${backend} ${kind}`) || (kind === "admin" && galvanometers.isOpen(backend)),
    );
  };
  const galvanometers = createGalvanometers(hub, out, watches, watchUsed);
  const turns = createTurns();
  return {
    hub,
    ...out,
    ...watches,
    ...createWaysIn(hub, watches, options),
    agents,
    drains: new RouteDrains(hub.registry, hub.note),
    times: new RouteTimes(),
    routeRows: new RouteRows(),
    connectionRows: new ConnectionRows(hub.registry),
    galvanometers,
    sampling: startFlowSampling(hub.registry),
    watchUsed,
    /** What opens or closes listeners, one after the other. */
    inTurn: <T>(run: () => Promise<T>): Promise<T> => turns("listeners", run),
  };
}

function createGalvanometers(
  hub: EngineHub,
  { openTcp }: WaysOut,
  { health }: Watches,
  onChange: () => void,
): Galvanometers {
  return new Galvanometers({
    openTcp,
    config: () => hub.config,
    instanceNames: () =>
      new Map(hub.config.backends.map(({ id }) => [id, health.status(id).instanceName ?? id])),
    note: hub.note,
    noteDial: (backend, kind, failure) => health.noteDial(backend, kind, failure),
    now: Date.now,
    onChange,
    onConnections: hub.changed,
  });
}
