import type { RouteStatus } from "../../../app/contract/snapshot.ts";

const indexes = new WeakMap<readonly RouteStatus[], ReadonlyMap<string, RouteStatus>>();

/** One of the mirrored routes: every row in sight looks itself up with each change set, and there may be thousands to look through. */
export function routeIn(routes: readonly RouteStatus[], id: string): RouteStatus | undefined {
  let index = indexes.get(routes);
  if (!index) indexes.set(routes, (index = new Map(routes.map((route) => [route.id, route]))));
  return index.get(id);
}
