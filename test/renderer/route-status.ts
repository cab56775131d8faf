import type { RouteStatus } from "../../app/contract/snapshot.ts";

/** A listening route, but for what is given. */
export function routeStatus(given: Partial<RouteStatus> & Pick<RouteStatus, "id">): RouteStatus {
  return {
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
    ...given,
  };
}
