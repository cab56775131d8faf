/** What a plain browser can show of a backend through Shunt's routes, and what AMPS must be told for the rest. Pure. */
import type { BrowserLimit, ServedPage } from "../contract/galvanometer.ts";
import type { BackendConfig, RouteConfig, ShuntConfig } from "../contract/config.ts";
import {
  formatHostPort,
  isLoopback,
  isWildcard,
  parseEndpoint,
  parseListen,
  type HostPort,
} from "../config/address.ts";
import { exactNameOf } from "../forward/server-name-table.ts";

/** Where a browser on this machine finds a listener. */
function dialled(route: RouteConfig): HostPort | null {
  const address = parseListen(route.listen);
  return address && (isWildcard(address.host) ? { ...address, host: "127.0.0.1" } : address);
}

const runs = (route: RouteConfig): boolean => route.enabled !== false;

/** The pages of one backend, those on which everything works first. */
export function servedPages(config: ShuntConfig, backend: BackendConfig): readonly ServedPage[] {
  if (backend.admin === undefined) return [];
  const pages = config.routes
    .filter((route) => runs(route) && route.target === backend.id)
    .filter((route) => route.transport === undefined || route.transport === "admin")
    .flatMap((route): ServedPage[] => {
      const address = dialled(route);
      if (!address) return [];
      const host = route.host ?? exactNameOf(route) ?? address.host;
      const scheme = route.tls || route.tlsPassthrough ? "https" : "http";
      const path = route.path === undefined || route.path === "/" ? "/" : `${route.path}/`;
      const url = `${scheme}://${formatHostPort({ host, port: address.port })}${path}`;
      return [{ route: route.id, url, sql: servesSql(config, backend, host) }];
    });
  return pages.sort((one, other) => Number(other.sql) - Number(one.sql));
}

/** The SQL page connects to the page's own host and the port of AMPS's SQL transport (amps-facts 5.2). */
function servesSql(config: ShuntConfig, backend: BackendConfig, host: string): boolean {
  const port = portOf(backend, "websocket");
  return config.routes.some((route) => {
    const address = dialled(route);
    if (!runs(route) || route.target !== backend.id || address?.port !== port) return false;
    if (route.transport === undefined) return (route.path ?? "/") === "/" && (route.host ?? host) === host;
    if (route.transport !== "websocket") return false;
    const alike = isLoopback(address.host) && isLoopback(host);
    // A websocket port route takes pages of loopback addresses; those of a name need a host route.
    return host === address.host || alike;
  });
}

function portOf(backend: BackendConfig, kind: "admin" | "websocket"): number | null {
  return parseEndpoint(kind, backend[kind] ?? "")?.port ?? null;
}

/** What a page at a path cannot do in a plain browser, each with the element of AMPS's configuration that lets it. */
export function browserLimits(config: ShuntConfig, backend: BackendConfig): readonly BrowserLimit[] {
  const pages = servedPages(config, backend);
  return [
    replicationLimit(config, backend),
    ...(pages.some((page) => page.sql) ? [] : [sqlLimit(config, backend)]),
  ];
}

function replicationLimit(config: ShuntConfig, backend: BackendConfig): BrowserLimit {
  const peers = config.backends.filter((one) => one.id !== backend.id && one.admin !== undefined);
  const own = config.routes.find(
    (route) => runs(route) && route.transport === "admin" && route.target !== backend.id,
  );
  const address = (own && dialled(own)) ?? null;
  const [peer] = peers;
  const who = own?.target ?? peer?.id ?? "each instance that it replicates to";
  return {
    what: "The replication view stays incomplete",
    why: `The browser itself polls the other instances by the host names in AMPS's configuration, which it cannot reach.`,
    where: `In the AMPS configuration of ${who}, so that ${backend.id} records an address that this browser reaches. The address is that of an admin port route to it.`,
    fragment: admin(
      `<ExternalInetAddr>${address ? formatHostPort(address) : "127.0.0.1:PORT"}</ExternalInetAddr>`,
    ),
  };
}

function sqlLimit(config: ShuntConfig, backend: BackendConfig): BrowserLimit {
  const route = config.routes.find(
    (one) =>
      runs(one) &&
      one.target === backend.id &&
      (one.transport === undefined || one.transport === "websocket"),
  );
  const address = (route && dialled(route)) ?? null;
  const path = route?.path === undefined || route.path === "/" ? "" : route.path;
  const place = address
    ? `${formatHostPort({ ...address, host: route?.host ?? address.host })}${path}`
    : "127.0.0.1:PORT";
  const port = portOf(backend, "websocket");
  const also =
    port === null
      ? ""
      : ` A websocket route to ${backend.id} on 127.0.0.1:${port} does the same without a change in AMPS.`;
  return {
    what: "The SQL page does not connect",
    why: `It connects to the page's own host and the port of AMPS's SQL transport${port === null ? "" : ` (${port})`}, where Shunt does not listen.`,
    where: `In the AMPS configuration of ${backend.id}.${also}`,
    fragment: admin(`<SQLTransportInetAddr>${place}</SQLTransportInetAddr>`),
  };
}

function admin(element: string): string {
  return `<AMPSConfig>\n  <Admin>\n    ${element}\n  </Admin>\n</AMPSConfig>`;
}
