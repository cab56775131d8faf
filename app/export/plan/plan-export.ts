/** From a configuration to what an engine has to do. Pure. */
import type { EndpointKind, ListenerTls, RouteConfig } from "../../contract/config.ts";
import {
  boundHosts,
  formatHostPort,
  isLoopback,
  isWildcard,
  parseHostPort,
  type HostPort,
} from "../../config/address.ts";
import { isToldByName } from "../../forward/server-name-table.ts";
import { isPathRoute } from "../../config/path-route.ts";
import { targetOf, usedBackends } from "../../engine/route-targets.ts";
import type { ListenerNames } from "../../http/origin-guard.ts";
import { isReadOnly } from "../../http/read-only.ts";
import { namesOf } from "../../listen/listener.ts";
import { planListeners, type PlannedListener } from "../../listen/listener-plan.ts";
import {
  carriesBytes,
  type EngineName,
  type ExportPlan,
  type GroupPlan,
  type ListenerPlan,
  type RoutePlan,
} from "./export-plan.ts";
import { LocalPorts } from "./local-ports.ts";
import { planGroup, type GroupContext } from "./plan-group.ts";
import { ServerPlanner } from "./plan-servers.ts";
import { tellNames } from "./tell-names.ts";
import { safeFile } from "./safe-text.ts";
import { describe, namedVariables, type ExportSource } from "./source.ts";

export function planExport(source: ExportSource, engine: EngineName): ExportPlan {
  const { resolved, request, remarks } = source;
  const planned = [...planListeners(resolved.routes).values()];
  const agents = resolved.pools.flatMap(({ agent }) => parseHostPort(agent ?? "")?.port ?? []);
  const ports = new LocalPorts([...planned.map(({ address }) => address.port), ...agents]);
  const servers = new ServerPlanner(source, engine, ports);
  const context: GroupContext = { source, engine, servers };
  const absent = resolved.routes
    .filter((route) => route.enabled === false)
    .map((route) => `${route.id}: disabled`);
  const listeners = planned
    .map((listener) => planListener(context, listener, absent))
    .filter((listener) => listener !== null);
  tellEndings(context, listeners);
  const variables = namedVariables(source.document);
  if (variables.length > 0)
    remarks.differ(
      "PLACEHOLDERS",
      {},
      `The files hold the values that ${variables.map((name) => `\${${name}}`).join(", ")} had at the time of the export.`,
    );
  if (request.publicHost !== undefined && planned.some(({ address }) => isLoopback(address.host)))
    remarks.differ(
      "BIND_ALL",
      {},
      `Routes on loopback listen on every interface here, for clients that come to ${request.publicHost}; put a firewall in front.`,
    );
  const comments = [...describeTargets(source), ...needs(servers, listeners)];
  return {
    listeners,
    forwards: servers.forwards(),
    statsPort: ports.nextTo(engine === "envoy" ? 9901 : 8404),
    comments,
    absent,
  };
}

/** What holds for a whole file. */
function tellEndings(
  { source: { remarks }, engine }: GroupContext,
  listeners: readonly ListenerPlan[],
): void {
  if (engine !== "envoy" && listeners.some(carriesBytes))
    remarks.differ(
      "RESET",
      {},
      "A connection that the backend resets, or does not take, ends cleanly for the client.",
    );
  if (engine === "envoy" && listeners.some(({ kind }) => kind === "paths" || kind === "admin"))
    remarks.differ(
      "CROSS_SITE",
      {},
      "A link on a page of another site to a page of an instance is refused, where Shunt opens it if it only reads.",
    );
}

/** Labels, environments and notes of what the routes lead to, once each. */
function describeTargets(source: ExportSource): readonly string[] {
  const { resolved } = source;
  const used = usedBackends(resolved);
  const targets = new Set(resolved.routes.map(({ target }) => target));
  return [
    ...resolved.pools.filter(({ id }) => targets.has(id)).flatMap(({ id }) => describe(source, "pools", id)),
    ...used.flatMap(({ id }) => describe(source, "backends", id)),
  ];
}

function needs(servers: ServerPlanner, listeners: readonly ListenerPlan[]): readonly string[] {
  for (const { tls } of listeners)
    if (tls) [tls.certFile, tls.keyFile].forEach((file) => servers.files.add(file));
  return [
    ...(servers.files.size === 0
      ? []
      : [`Files that have to be there: ${[...servers.files].sort().join(", ")}`]),
    ...(listeners.some(({ bind }) => boundHosts(bind.host).length > 1)
      ? ["localhost is 127.0.0.1 and ::1: where the machine has no IPv6, take ::1 out"]
      : []),
  ];
}

function planListener(
  context: GroupContext,
  listener: PlannedListener,
  absent: string[],
): ListenerPlan | null {
  const { source, engine } = context;
  const [first] = listener.routes;
  if (!first) return null;
  const tls = listenerTls(source, listener);
  if (tls === "unsafe") {
    absent.push(...listener.routes.map(({ id }) => `${id}: its certificate's path cannot be written`));
    return null;
  }
  if (tls && engine === "haproxy")
    source.remarks.differ(
      "FILES",
      { route: first.id },
      `HAProxy wants certificate and key in one file: cat ${tls.certFile} ${tls.keyFile} > ${tls.certFile}.haproxy.pem`,
    );
  const kind = isToldByName(listener.routes) ? "names" : kindOf(first);
  const routes = listener.routes
    .map((route) => planRoute(context, route, absent))
    .filter((route) => route !== null);
  if (routes.length === 0) return null;
  if (kind === "tcp" && first.transport === "amps" && !first.tlsPassthrough && engine !== "haproxy")
    source.remarks.differ(
      "FIRST_BYTES",
      { route: first.id },
      `Route ${first.id}: the engine passes on whatever arrives; Shunt turns a browser away from an AMPS port.`,
    );
  const bind = bindAddress(source, listener.address);
  if (kind === "names") tellNames(context, first, routes, shutNames(listener, routes));
  if (isWildcard(bind.host) && !carriesBytes({ kind }) && engine === "envoy")
    source.remarks.differ(
      "HOST_HEADER",
      { route: first.id },
      `The listener on ${formatHostPort(bind)} answers to localhost and the names in hosts; Envoy cannot compare a Host line with the address that a request came to.`,
    );
  return {
    name: `${listener.address.host.replace(/[^A-Za-z0-9]/g, "_")}_${listener.address.port}`,
    bind,
    kind,
    tls,
    names: publicNames(source, { ...namesOf(listener), address: bind }),
    routes,
    shutNames: shutNames(listener, routes),
  };
}

function shutNames({ routes, shut }: PlannedListener, written: readonly RoutePlan[]): readonly string[] {
  const names = (some: readonly RouteConfig[]) => some.flatMap(({ serverNames }) => serverNames ?? []);
  const served = new Set(names(written.map(({ route }) => route)));
  return [...new Set(names([...shut, ...routes]))].filter((name) => !served.has(name));
}

function kindOf(route: RouteConfig): ListenerPlan["kind"] {
  if (isPathRoute(route)) return "paths";
  const { transport, tlsPassthrough = false } = route;
  return !tlsPassthrough && (transport === "websocket" || transport === "admin") ? transport : "tcp";
}

/**
 * With a public host, what was for this machine alone is for others: that is what the operator asked for. A port that
 * several addresses share stays as it is, since only one of them could have every interface.
 */
function bindAddress({ request, resolved }: ExportSource, address: HostPort): HostPort {
  if (request.publicHost === undefined || !isLoopback(address.host)) return address;
  const sharing = [...planListeners(resolved.routes).values()].filter(
    (one) => one.address.port === address.port,
  );
  if (sharing.length > 1) return address;
  return { ...address, host: address.host.includes(":") ? "::" : "0.0.0.0" };
}

function publicNames({ request }: ExportSource, names: ListenerNames): ListenerNames {
  const { publicHost } = request;
  if (publicHost === undefined) return names;
  const port = names.address.port;
  const isDefault = port === (names.secure ? 443 : 80);
  const own = formatHostPort({ host: publicHost, port });
  const bare = publicHost.includes(":") ? `[${publicHost}]` : publicHost;
  return {
    ...names,
    hosts: [...names.hosts, own, ...(isDefault ? [bare] : [])],
    origins: [...names.origins, `${names.secure ? "https" : "http"}://${isDefault ? bare : own}`],
  };
}

function listenerTls({ remarks }: ExportSource, listener: PlannedListener): ListenerTls | null | "unsafe" {
  if (!listener.tls) return null;
  const certFile = safeFile(listener.tls.certFile);
  const keyFile = safeFile(listener.tls.keyFile);
  if (certFile !== null && keyFile !== null) return { certFile, keyFile };
  for (const { id } of listener.routes)
    remarks.leaveOut(
      "UNSAFE_TEXT",
      { route: id },
      `The path of the certificate or key of route ${id} holds characters that engines would read as more than that.`,
    );
  return "unsafe";
}

const pathKinds = ["websocket", "amps", "admin"] as const satisfies readonly EndpointKind[];

function planRoute(context: GroupContext, route: RouteConfig, absent: string[]): RoutePlan | null {
  const { source } = context;
  const { backends } = targetOf(source.resolved, route);
  const kinds = route.transport === undefined ? pathKinds : [route.transport];
  const planned = kinds.map((kind) => [kind, planGroup(context, route, kind)] as const);
  const found = planned.filter((entry): entry is [EndpointKind, GroupPlan] => entry[1] !== null);
  const groups: RoutePlan["groups"] = Object.fromEntries(
    context.engine === "nginx" ? withOneTls(source, route, found) : found,
  );
  if (Object.keys(groups).length === 0) {
    source.remarks.leaveOut(
      "NO_ENDPOINT",
      { route: route.id },
      `Route ${route.id} leads to no endpoint that can be written.`,
    );
    absent.push(`${route.id}: leads to no endpoint that can be written`);
    return null;
  }
  if (route.transport === undefined && groups.amps) tellPreflight(context, route);
  tellLogons(source, route);
  return {
    route,
    prefix: route.path ?? "/",
    isReadOnly: backends.some(isReadOnly),
    groups,
    comments: [`route ${route.id} → ${route.target}`, ...describe(source, "routes", route.id)],
  };
}

/** What Shunt knows from logons and commands, which engines do not read. */
function tellLogons({ remarks, resolved }: ExportSource, route: RouteConfig): void {
  const pool = resolved.pools.find((one) => one.id === route.target);
  if (route.sticky !== undefined && (pool?.members.length ?? 0) > 1)
    remarks.differ(
      "STICKY",
      { route: route.id, pool: route.target },
      `Route ${route.id}: no engine reads AMPS client names, so all of its clients go to one member instead of each to its own.`,
    );
  if (route.enforceRole)
    remarks.leaveOut(
      "ROLE",
      { route: route.id },
      `Route ${route.id} is for subscribers, and no engine sees when a client of it publishes or consumes and has to be closed.`,
    );
}

function tellPreflight({ source: { remarks }, engine }: GroupContext, route: RouteConfig): void {
  const where = { route: route.id };
  if (route.preflight !== "pass")
    remarks.differ(
      "PREFLIGHT",
      where,
      `Route ${route.id}: an engine cannot answer an http_preflight itself as Shunt does; the AMPS server has to.`,
    );
  if (engine === "envoy")
    remarks.differ(
      "PREFLIGHT",
      where,
      `Route ${route.id}: Envoy passes on only the Upgrade tokens that it is told; the file names websocket, tcp and tcps, so add what the preflight clients send.`,
    );
  if (engine === "nginx")
    remarks.differ(
      "HALF_CLOSE",
      where,
      `Route ${route.id}: behind an upgrade NGINX ends both directions as soon as one side ends its own.`,
    );
}

/** NGINX has one set of TLS settings for a location, but for the name. */
function withOneTls(
  { remarks }: ExportSource,
  route: RouteConfig,
  groups: readonly [EndpointKind, GroupPlan][],
): readonly [EndpointKind, GroupPlan][] {
  const settings = ([, group]: [EndpointKind, GroupPlan]) =>
    JSON.stringify({ ...group.servers[0]?.tls, name: "" });
  const secure = groups.filter(([, group]) => group.servers[0]?.tls);
  const [first] = secure;
  const other = secure.filter((entry) => first && settings(entry) !== settings(first));
  for (const [kind] of other)
    remarks.leaveOut(
      "TLS_NAMES",
      { route: route.id },
      `Route ${route.id}: NGINX has one set of TLS settings for a location, and the ${kind} endpoint needs another one.`,
    );
  return groups.filter((entry) => !other.includes(entry));
}

/** True where the listener is on addresses that only the machine itself has. */
export function isLocal({ bind }: ListenerPlan): boolean {
  return isLoopback(bind.host) && !isWildcard(bind.host);
}
