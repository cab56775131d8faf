/** Which route a TLS client's server name belongs to, among those that share an address. Pure. */
import type { RouteConfig } from "../contract/config.ts";

export interface NameOwner {
  readonly route: RouteConfig;
  /** The route is stopped: its names are nobody else's meanwhile. */
  readonly isShut: boolean;
}

export interface ServerNameTable {
  /** In lower case, null where the client names no server. An exact name, a wildcard of one label, then the route without names. */
  find(serverName: string | null): NameOwner | null;
}

export function createServerNameTable(
  routes: readonly RouteConfig[],
  shut: readonly RouteConfig[],
): ServerNameTable {
  const owners = new Map<string, NameOwner>();
  const add = (route: RouteConfig, isShut: boolean): void => {
    for (const name of route.serverNames ?? []) owners.set(name, { route, isShut });
  };
  for (const route of shut) add(route, true);
  for (const route of routes) add(route, false);
  const nameless = routes.find(({ serverNames }) => serverNames === undefined);
  const others: NameOwner | null = nameless ? { route: nameless, isShut: false } : null;
  return {
    find(serverName) {
      if (serverName === null) return others;
      const dot = serverName.indexOf(".");
      const wildcard = dot > 0 ? owners.get(`*${serverName.slice(dot)}`) : undefined;
      return owners.get(serverName) ?? wildcard ?? others;
    },
  };
}

/** True where clients have to say a name before it is known whose they are. */
export function isToldByName(routes: readonly RouteConfig[]): boolean {
  return routes.some(({ serverNames }) => serverNames !== undefined);
}

/** The first of a route's server names that is no wildcard: what clients may ask for as it stands. */
export function exactNameOf({ serverNames = [] }: RouteConfig): string | undefined {
  return serverNames.find((name) => !name.startsWith("*"));
}
