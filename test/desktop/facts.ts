/** Snapshots and configurations as small as a desktop test needs them. */
import type { RouteStatus, Snapshot } from "../../app/contract/snapshot.ts";
import type { RouteConfig, ShuntConfig } from "../../app/contract/config.ts";

export function routeStatus(id: string, differs: Partial<RouteStatus> = {}): RouteStatus {
  return {
    id,
    state: "listening",
    reason: null,
    failure: null,
    listen: "127.0.0.1:9007",
    target: "prod-1",
    exposed: false,
    targetHealth: "up",
    targetReason: null,
    sessionListen: null,
    since: "2026-01-01T00:00:00.000Z",
    lastTrouble: null,
    conditions: null,
    connections: { open: 0, total: 0, refused: 0 },
    bytes: { toBackend: 0, toClient: 0 },
    rate: { toBackend: 0, toClient: 0 },
    ...differs,
  };
}

export function snapshot(differs: Partial<Snapshot> = {}): Snapshot {
  return {
    revision: 1,
    time: "2026-01-01T00:00:00.000Z",
    routes: [],
    backends: [],
    pools: [],
    tunnels: [],
    connections: [],
    openConnections: 0,
    ...differs,
  };
}

export function route(id: string, differs: Partial<RouteConfig> = {}): RouteConfig {
  return { id, listen: "127.0.0.1:9007", transport: "amps", target: "prod-1", ...differs };
}

export function config(differs: Partial<ShuntConfig> = {}): ShuntConfig {
  return { version: 1, tunnels: [], backends: [], pools: [], routes: [], ...differs };
}
