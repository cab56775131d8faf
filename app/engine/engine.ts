/** The engine: makes the running listeners what the configuration says, and tells what it observes. */
import type { ShuntConfig } from "../contract/config.ts";
import { keepSameParts } from "../config/same-parts.ts";
import { commandsOf } from "./engine-commands.ts";
import type { EngineHandle } from "./engine-handle.ts";
import type { EngineOptions } from "./engine-options.ts";
import { assembleEngine, type EngineParts } from "./engine-parts.ts";
import { reachesSame, usedBackends } from "./route-targets.ts";
import { createSnapshotFeed, type SnapshotFeed } from "./snapshot-feed.ts";
import { takeSnapshot } from "./take-snapshot.ts";

export function createEngine(options: EngineOptions = {}): EngineHandle {
  const parts = assembleEngine(options);
  const { hub } = parts;
  const feed = createSnapshotFeed(
    (revision, connections) => lookAt(parts, revision, connections),
    (changes) => hub.emit({ type: "changes", changes }),
  );
  hub.onChanged(() => feed.soon());
  let isClosed = false;
  return {
    ...commandsOf(parts),
    // A save may have been under way when the engine was closed: it is on the disk, and nothing is to listen any more.
    apply: (next, graceMs) => parts.inTurn(async () => (isClosed ? undefined : apply(parts, next, graceMs))),
    snapshot: async (connections) => feed.snapshot(connections),
    follow: async (wanted) => feed.follow(wanted),
    onEvent: (listener) => hub.onEvent(listener),
    async close(graceMs) {
      await parts.inTurn(() => {
        isClosed = true;
        return close(parts, feed, graceMs);
      });
    },
  };
}

function lookAt(parts: EngineParts, revision: number, connections: boolean) {
  const { hub, drains, listeners, tunnels, sampling } = parts;
  hub.registry.look();
  const observed = {
    ...parts,
    config: hub.config,
    registry: hub.registry,
    routes: parts.routeRows,
    connections: parts.connectionRows,
    leaving: drains.leaving(hub.config),
    listeners,
    tunnelOf: tunnels.status.bind(tunnels),
    routeRates: sampling.routeRates,
    backendRates: sampling.backendRates,
  };
  return takeSnapshot(observed, revision, connections);
}

async function apply(parts: EngineParts, wanted: ShuntConfig, graceMs: number): Promise<void> {
  const { hub, drains, listeners, agents } = parts;
  const before = hub.config;
  const next = keepSameParts(before, wanted);
  const change = listeners.hold(next.routes, (route) => reachesSame(before, next, route));
  drains.begin(before, next, graceMs);
  hub.config = next;
  parts.tunnels.update(next.tunnels);
  parts.watchUsed();
  parts.statistics.update(usedBackends(next));
  parts.guards.update(next);
  parts.conditions.review();
  parts.galvanometers.review();
  const routeIds = new Set(next.routes.map(({ id }) => id));
  const backendIds = new Set(next.backends.map(({ id }) => id));
  const isKnown = (id: string): boolean => routeIds.has(id) || hub.registry.openOfRoute(id).length > 0;
  parts.times.forget(isKnown);
  hub.registry.forget(isKnown, (id) => backendIds.has(id) || hub.registry.openOn(id) > 0);
  await Promise.all([listeners.apply(change), agents.update(next.pools)]);
  hub.changed();
}

/** What lets clients in goes first, what their connections need goes last. */
async function close(parts: EngineParts, feed: SnapshotFeed, graceMs: number): Promise<void> {
  const { registry, activity } = parts.hub;
  parts.listeners.closeAll();
  const proxyClosed = parts.galvanometers.closeAll();
  for (const part of [
    parts.health,
    parts.statistics,
    parts.agents,
    parts.guards,
    parts.drains,
    parts.conditions,
  ])
    part.close();
  if (registry.size > 0 && graceMs > 0) await Promise.race([registry.idle(), after(graceMs)]);
  for (const connection of [...registry.all()]) connection.cut();
  await registry.idle();
  await proxyClosed;
  parts.examinations.close();
  parts.tunnels.close();
  parts.questions.close();
  parts.sampling.stop();
  feed.snapshot(false);
  feed.close();
  activity.close();
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
