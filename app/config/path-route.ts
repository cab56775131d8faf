import type { RouteConfig } from "../contract/config.ts";

/** True for a route that shares its listener by path or Host name. */
export function isPathRoute(route: Pick<RouteConfig, "transport">): boolean {
  return route.transport === undefined;
}
