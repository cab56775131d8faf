/** Where imported routes listen: on the address that was asked for, or on the next port that no route has. */
import type { RouteConfig } from "../contract/config.ts";
import { formatHostPort, listensOverlap, parseListen } from "../config/address.ts";
import { keysOf, sharingOf } from "../config/listen-claims.ts";
import { isPathRoute } from "../config/path-route.ts";
import { listenKey } from "../listen/listener-plan.ts";

interface PlacedRoute {
  readonly route: RouteConfig;
  /** Where it was moved from, in one sentence; null where it was not moved. */
  readonly moved: string | null;
}

export class ListenPlaces {
  readonly #routes: RouteConfig[];
  readonly #freeListens: ReadonlyMap<string, string>;

  constructor(routes: readonly RouteConfig[], freeListens: ReadonlyMap<string, string>) {
    this.#routes = [...routes];
    this.#freeListens = freeListens;
  }

  place(wanted: RouteConfig, anyListen: boolean): PlacedRoute {
    const asked = listenKey(wanted);
    const shared = isPathRoute(wanted) && anyListen ? this.#sharedListener() : undefined;
    let listen = shared ?? (anyListen ? (this.#freeListens.get(asked) ?? asked) : asked);
    while (this.#isTaken(wanted, listen)) listen = nextPort(listen);
    const route = this.#withFreePath({ ...wanted, listen });
    this.#routes.push(route);
    const moved =
      listen === asked || shared !== undefined ? null : `${asked} is taken, so it listens on ${listen}.`;
    return { route, moved };
  }

  /** The address that path routes share already. */
  #sharedListener(): string | undefined {
    const found = this.#routes.find((route) => isPathRoute(route) && route.tls === undefined);
    return found && listenKey(found);
  }

  #isTaken(wanted: RouteConfig, listen: string): boolean {
    return this.#routes.some((route) => {
      const key = listenKey(route);
      if (!overlap(key, listen)) return false;
      return key !== listen || !canShare(route, wanted);
    });
  }

  #withFreePath(route: RouteConfig): RouteConfig {
    const { path, host } = route;
    if (path === undefined) return route;
    const taken = this.#routes
      .filter((one) => listenKey(one) === route.listen && one.host === host)
      .map((one) => one.path);
    let free = path;
    for (let n = 2; taken.includes(free); n++) free = `${path}-${n}`;
    return { ...route, path: free };
  }
}

/** By path with the same certificate, or by server name with no name in common. */
function canShare(one: RouteConfig, other: RouteConfig): boolean {
  const sharing = sharingOf(one);
  if (sharing === null || sharing !== sharingOf(other)) return false;
  if (sharing === "path") return isSameTls(one, other);
  const taken = new Set(keysOf(other).map(({ key }) => key));
  return !keysOf(one).some(({ key }) => taken.has(key));
}

function isSameTls({ tls: one }: RouteConfig, { tls: other }: RouteConfig): boolean {
  return one?.certFile === other?.certFile && one?.keyFile === other?.keyFile;
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [parseListen(one), parseListen(other)];
  return a !== null && b !== null && listensOverlap(a, b);
}

function nextPort(listen: string): string {
  const address = parseListen(listen);
  if (!address) return listen;
  return formatHostPort({ host: address.host, port: address.port >= 65_535 ? 1_024 : address.port + 1 });
}
