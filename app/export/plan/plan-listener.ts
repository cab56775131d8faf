/** One listener of the plan: its address, names, certificate and routes, and what engines do otherwise there. */
import type { ListenerTls, RouteConfig } from "../../contract/config.ts";
import { formatHostPort, isLoopback, isWildcard, type HostPort } from "../../config/address.ts";
import { isPathRoute } from "../../config/path-route.ts";
import { isToldByName } from "../../forward/server-name-table.ts";
import type { ListenerNames } from "../../http/origin-guard.ts";
import { namesOf } from "../../listen/listener.ts";
import type { PlannedListener } from "../../listen/listener-plan.ts";
import { carriesBytes, type ListenerPlan, type RoutePlan } from "./export-plan.ts";
import type { GroupContext } from "./plan-group.ts";
import { planRoute } from "./plan-route.ts";
import { safeFile } from "./safe-text.ts";
import type { ExportSource } from "./source.ts";
import { tellNames } from "./tell-names.ts";

/** What the listeners of a file have in common. */
export interface FileContext extends GroupContext {
  /** Ports that several addresses listen on. */
  readonly sharedPorts: ReadonlySet<number>;
  /** Routes that are not in the file, and why: filled by those who leave one out. */
  readonly absent: string[];
}

/** Null where none of its routes can be written: `absent` is told why. */
export function planListener(context: FileContext, listener: PlannedListener): ListenerPlan | null {
  const { source, engine, absent } = context;
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
  const bind = bindAddress(context, listener.address);
  const plan: ListenerPlan = {
    name: `${listener.address.host.replace(/[^A-Za-z0-9]/g, "_")}_${listener.address.port}`,
    bind,
    kind,
    tls,
    names: publicNames(source, { ...namesOf(listener), address: bind }),
    routes,
    shutNames: shutNames(listener, routes),
  };
  tellListener(context, plan, first);
  return plan;
}

/** What the engine does otherwise than Shunt with whoever comes to the listener. */
function tellListener(
  context: GroupContext,
  { bind, kind, routes, shutNames }: ListenerPlan,
  first: RouteConfig,
): void {
  const {
    source: { remarks },
    engine,
  } = context;
  if (kind === "tcp" && first.transport === "amps" && !first.tlsPassthrough && engine !== "haproxy")
    remarks.differ(
      "FIRST_BYTES",
      { route: first.id },
      `Route ${first.id}: the engine passes on whatever arrives; Shunt turns a browser away from an AMPS port.`,
    );
  if (kind === "names") tellNames(context, first, routes, shutNames);
  if (isWildcard(bind.host) && !carriesBytes({ kind }) && engine === "envoy")
    remarks.differ(
      "HOST_HEADER",
      { route: first.id },
      `The listener on ${formatHostPort(bind)} answers to localhost and the names in hosts; Envoy cannot compare a Host line with the address that a request came to.`,
    );
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
function bindAddress({ source: { request }, sharedPorts }: FileContext, address: HostPort): HostPort {
  if (request.publicHost === undefined || !isLoopback(address.host) || sharedPorts.has(address.port))
    return address;
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
