/** One owner for each address: a port route, or routes that share it by path and Host name, or by TLS server name. Pure. */
import type { RouteConfig } from "../contract/config.ts";
import { formatHostPort, listensOverlap, parseListen } from "./address.ts";
import { isPathRoute } from "./path-route.ts";

export type Add = (path: string, message: string) => void;

interface Claim {
  readonly route: RouteConfig;
  readonly at: string;
  readonly host: string;
  readonly port: number;
}

/** The claims on one address: the first speaks for all, further ones are known by what they answer to. */
interface Shared {
  readonly first: Claim;
  readonly byKey: Map<string, Claim>;
}

/** Every route is compared with the addresses claimed on its port, not with every route: 10,000 may share one. */
export function checkListeners(routes: readonly RouteConfig[], add: Add): void {
  const ports = new Map<number, Map<string, Shared>>();
  routes.forEach((route, index) => {
    const address = parseListen(route.listen);
    if (!address || route.enabled === false) return;
    const claim: Claim = { route, at: `routes[${index}]`, ...address };
    const onPort = ports.get(claim.port) ?? new Map<string, Shared>();
    ports.set(claim.port, onPort);
    const own = onPort.get(claim.host);
    const other = own ?? findOverlap(claim, onPort.values());
    if (own) checkShared(claim, own, add);
    else if (other) tellOverlap(claim, other.first, add);
    const shared = own ?? { first: claim, byKey: new Map<string, Claim>() };
    onPort.set(claim.host, shared);
    for (const { key } of keysOf(route)) if (!shared.byKey.has(key)) shared.byKey.set(key, claim);
  });
}

function findOverlap(claim: Claim, onPort: Iterable<Shared>): Shared | null {
  for (const shared of onPort) if (listensOverlap(claim, shared.first)) return shared;
  return null;
}

type Sharing = "path" | "server name" | null;

/** By what a route can be told from others at the same address; null: it owns the address. */
export function sharingOf(route: RouteConfig): Sharing {
  if (isPathRoute(route)) return "path";
  return route.tlsPassthrough === true ? "server name" : null;
}

interface Key {
  readonly key: string;
  /** Where in the route it is written. */
  readonly at: string;
}

/** What a route answers to on its listener: its path and Host name, or its server names; `""`: all other names, or the whole address. */
export function keysOf(route: RouteConfig): readonly Key[] {
  const { host, path, serverNames } = route;
  if (!isPathRoute(route))
    return serverNames?.map((key, at) => ({ key, at: `serverNames[${at}]` })) ?? [{ key: "", at: "listen" }];
  return [{ key: `${host ?? ""} ${path ?? "/"}`, at: path === undefined ? "host" : "path" }];
}

function ownerOf(claim: Claim): string {
  return `${claim.at} ("${claim.route.id}")`;
}

/** A port route owns its address; true where that was the problem. */
function tellOwned(claim: Claim, earlier: Claim, add: Add): boolean {
  const sharing = sharingOf(earlier.route);
  if (sharing !== null && sharing === sharingOf(claim.route)) return false;
  const why = sharing === null ? "is a port route and owns it" : `shares it by ${sharing}`;
  add(
    `${claim.at}.listen`,
    `${formatHostPort(claim)} is taken: ${ownerOf(earlier)} ${why}; choose another port`,
  );
  return true;
}

function tellOverlap(claim: Claim, earlier: Claim, add: Add): void {
  if (tellOwned(claim, earlier, add)) return;
  add(
    `${claim.at}.listen`,
    `${formatHostPort(claim)} overlaps ${formatHostPort(earlier)} of ${ownerOf(earlier)}; use the same address to share it`,
  );
}

function checkShared(claim: Claim, { first, byKey }: Shared, add: Add): void {
  if (tellOwned(claim, first, add)) return;
  const { tls } = claim.route;
  const address = formatHostPort(claim);
  for (const { key, at } of keysOf(claim.route)) {
    const same = byKey.get(key);
    if (same) add(`${claim.at}.${at}`, tellTaken(claim.route, same, { at, key, address }));
  }
  if (tls?.certFile !== first.route.tls?.certFile || tls?.keyFile !== first.route.tls?.keyFile)
    add(
      `${claim.at}.tls`,
      `differs from ${ownerOf(first)}; routes that share ${address} share one certificate`,
    );
}

function tellTaken(
  { path, host }: RouteConfig,
  same: Claim,
  { at, key, address }: Key & { readonly address: string },
): string {
  if (at === "listen")
    return `${address} is taken: ${ownerOf(same)} takes every client there; give one of the two serverNames to share it, or choose another port`;
  if (at.startsWith("serverNames"))
    return `"${key}" is taken by ${ownerOf(same)} on ${address}; choose another name`;
  return `"${path ?? host}" is taken by ${ownerOf(same)} on ${address}; choose another ${at}`;
}
