/** Which listeners a configuration asks for: port routes own theirs, path routes share one, as TLS routes do by server name. Pure. */
import type { RouteConfig, ListenerTls } from "../contract/config.ts";
import { formatHostPort, parseListen, type HostPort } from "../config/address.ts";
import { isPathRoute } from "../config/path-route.ts";

/** `raw`: bytes of one port route, or of several that pass TLS through and are told apart by server name. `http`: path routes, or an admin port route, which must judge requests too. */
export type ListenerKind = "raw" | "http";

export interface PlannedListener {
  /** The configured `host:port` in normal form; a running listener is kept while key, address, kind and tls stay the same. */
  readonly key: string;
  /** What is bound: another port than configured where one stands in for it. */
  readonly address: HostPort;
  readonly kind: ListenerKind;
  readonly tls: ListenerTls | null;
  readonly routes: readonly RouteConfig[];
  /** Stopped routes whose server names nobody else may take meanwhile. */
  readonly shut: readonly RouteConfig[];
}

/** The normal form of a route's listen address. */
export function listenKey(route: RouteConfig): string {
  const address = parseListen(route.listen);
  return address ? formatHostPort(address) : route.listen;
}

/** Where a route is found on its listener, besides the address: its path, or ` for ` its server names. */
export function spotOf({ path = "", serverNames }: RouteConfig): string {
  return serverNames === undefined ? path : ` for ${serverNames.join(", ")}`;
}

/** Filled while a configuration is read: ten thousand routes may share one listener. */
interface Draft extends PlannedListener {
  readonly routes: RouteConfig[];
  readonly shut: RouteConfig[];
}

export function planListeners(routes: readonly RouteConfig[]): ReadonlyMap<string, PlannedListener> {
  const plan = new Map<string, Draft>();
  for (const route of routes) {
    const address = parseListen(route.listen);
    if (!address || route.enabled === false) continue;
    const key = formatHostPort(address);
    const earlier = plan.get(key);
    if (earlier) earlier.routes.push(route);
    else
      plan.set(key, { key, address, kind: kindOf(route), tls: route.tls ?? null, routes: [route], shut: [] });
  }
  for (const route of routes)
    if (route.enabled === false && route.serverNames !== undefined)
      plan.get(listenKey(route))?.shut.push(route);
  return plan;
}

function kindOf(route: RouteConfig): ListenerKind {
  const speaksHttp = isPathRoute(route) || route.transport === "admin";
  return speaksHttp && !route.tlsPassthrough ? "http" : "raw";
}

/** True where a running listener can serve the plan by taking over its routes. */
export function canKeep(running: PlannedListener, planned: PlannedListener): boolean {
  return (
    running.kind === planned.kind &&
    formatHostPort(running.address) === formatHostPort(planned.address) &&
    JSON.stringify(running.tls) === JSON.stringify(planned.tls)
  );
}

/** True where nothing about it changes: its routes are the very same. */
export function staysAsItIs(running: PlannedListener, planned: PlannedListener): boolean {
  return (
    canKeep(running, planned) &&
    areSame(running.routes, planned.routes) &&
    areSame(running.shut, planned.shut)
  );
}

function areSame(some: readonly RouteConfig[], others: readonly RouteConfig[]): boolean {
  return some.length === others.length && some.every((route, at) => route === others[at]);
}
