/** Where a route can tell its clients apart: by name before the dial, and by what they do. Pure. */
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";

/** Why `sticky` cannot work on a route, or null. */
export function stickyProblem({ pools }: ShuntConfig, route: RouteConfig): string | null {
  const { sticky, transport, target, clients, preflight, tlsPassthrough } = route;
  // That the two do not go together is told once, by what checks the passthrough.
  if (sticky === undefined || tlsPassthrough) return null;
  const pool = pools.find((one) => one.id === target);
  if (!pool) return "is for a pool; a backend has one member to return to anyway";
  if (transport === "replication") return "cannot be: replication is never balanced or moved";
  if (transport !== "amps")
    return "needs transport amps: on WebSocket and path routes a client tells its name only after a member has answered it";
  if (preflight === "pass")
    return "needs preflight answer: with pass a client tells its name only after a member has answered it";
  if (clients === "subscribers")
    return "is for guarded clients; subscribers go to any member that is up, so leave it out";
  if ((pool.balance ?? "primary") === "primary")
    return `needs a balanced pool; with primary all guarded clients follow one member, so give ${pool.id} another balance`;
  return null;
}

/** Why `enforceRole` cannot work on a route, or null. */
export function enforceRoleProblem(route: RouteConfig): string | null {
  const { enforceRole, clients, transport, tlsPassthrough } = route;
  if (enforceRole !== true) return null;
  if (tlsPassthrough)
    return "cannot see commands inside TLS that is passed through; let the route end TLS itself (tls)";
  if (transport === "admin" || transport === "replication")
    return `cannot be: what passes on ${transport === "admin" ? "an admin" : "a replication"} route are no AMPS commands`;
  if (clients !== "subscribers")
    return "is for routes whose clients are subscribers; on all others the guard counts with the strictest already";
  return null;
}
