/** Puts the engine's observations into one snapshot. Reads, and changes nothing but when a route was first seen as it is. */
import type { Snapshot, TunnelStatus } from "../contract/snapshot.ts";
import { noTotals, type ConnectionRegistry } from "../forward/connection-registry.ts";
import type { Galvanometers } from "../galvanometer/galvanometers.ts";
import type { StatisticsWatch } from "../statistics/statistics-watch.ts";
import type { ConnectionRows } from "./connection-rows.ts";
import type { Rates } from "./rates.ts";
import type { ObservedRoutes, RouteRows } from "./route-rows.ts";

interface Observed extends ObservedRoutes {
  readonly registry: ConnectionRegistry;
  readonly routes: RouteRows;
  readonly connections: ConnectionRows;
  readonly galvanometers: Galvanometers;
  readonly statistics: StatisticsWatch;
  readonly tunnelOf: (id: string) => TunnelStatus;
  readonly backendRates: Rates;
}

/** `lists`: with the rows of connections. */
export function takeSnapshot(observed: Observed, revision: number, lists: boolean): Snapshot {
  const { config, registry } = observed;
  const totals = registry.totals();
  const toInstances = observed.galvanometers.connections();
  if (!lists) observed.connections.pass();
  return {
    revision,
    time: new Date().toISOString(),
    routes: observed.routes.update(observed, totals.routes),
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
    connections: lists ? [...observed.connections.update(), ...toInstances] : [],
    openConnections: registry.size + toInstances.length,
  };
}
