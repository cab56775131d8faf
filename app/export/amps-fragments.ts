/** What each AMPS instance has to be told so that Galvanometer and replication work through the routes (amps-facts 5.3). */
import type { BackendConfig, RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { ExportedFile } from "../contract/export.ts";
import { isLoopback } from "../config/address.ts";
import { nameAddress, publicAddress } from "./client-addresses.ts";
import { oneLine } from "./comments.ts";
import { escapeRegex } from "./plan/own-names.ts";
import { describe, type ExportSource } from "./plan/source.ts";

type Lines = readonly string[];

export function ampsFragments(source: ExportSource): readonly ExportedFile[] {
  const { resolved } = source;
  return resolved.backends.flatMap((backend) => {
    const body = [...admin(source, backend), ...replication(source, backend)];
    if (body.length === 0) return [];
    const head = [
      `Exported from Shunt for instance ${nameOf(backend)}: merge these elements into its own configuration.`,
      ...describe(source, "backends", backend.id),
    ];
    const lines = [...head.flatMap(comment), "<AMPSConfig>", ...indent(body), "</AMPSConfig>"];
    return [{ name: `amps-${backend.id}.xml`, language: "xml" as const, text: `${lines.join("\n")}\n` }];
  });
}

function nameOf({ id, instanceName }: BackendConfig): string {
  return instanceName ?? id;
}

function runningRoutes(config: ShuntConfig): readonly RouteConfig[] {
  return config.routes.filter((route) => route.enabled !== false);
}

/** `host:port` as others write it. */
function addressOf({ request }: ExportSource, route: RouteConfig): string {
  return nameAddress(route, request.publicHost);
}

function admin(source: ExportSource, backend: BackendConfig): Lines {
  const { resolved, remarks } = source;
  if (backend.admin === undefined) return [];
  const own = runningRoutes(resolved).filter((route) => route.target === backend.id);
  const port = own.find((route) => route.transport === "admin");
  const sql = sqlAddress(source, backend, own);
  const origins = pageOrigins(source);
  if (!port)
    remarks.differ(
      "NOT_APPLICABLE",
      { backend: backend.id },
      `${backend.id} has no admin port route of its own, so no ExternalInetAddr is written: whether it takes a path is not documented.`,
    );
  tellLoopback(source, backend, own);
  const elements = [
    ...(port
      ? [
          ...comment(`What other instances record of this one, and browsers then ask (route ${port.id}).`),
          element("ExternalInetAddr", addressOf(source, port)),
        ]
      : []),
    ...(sql === null
      ? []
      : [
          ...comment(
            `Where Galvanometer's SQL page connects (route ${sql.route}); SQLTransport names the transport, as before.`,
          ),
          element("SQLTransportInetAddr", sql.address),
        ]),
    ...(origins === null
      ? []
      : [
          ...comment("The pages that may ask this instance for its part of the replication view."),
          element("AccessControlAllowOrigin", origins),
          element("Header", "Vary: Origin"),
        ]),
    ...comment("Without a user: health checks, and the replication view of pages of other hosts."),
    element("AnonymousPaths", "^/amps$|^/amps/instance/replication"),
  ];
  return ["<Admin>", ...indent(elements), "</Admin>"];
}

/** Host and path, without a scheme. */
function sqlAddress(
  source: ExportSource,
  backend: BackendConfig,
  own: readonly RouteConfig[],
): { readonly address: string; readonly route: string } | null {
  if (backend.websocket === undefined) return null;
  const route =
    own.find((one) => one.transport === "websocket") ?? own.find((one) => one.transport === undefined);
  if (!route) return null;
  const path = route.path === undefined || route.path === "/" ? "" : route.path;
  return { address: `${addressOf(source, route)}${path}`, route: route.id };
}

/** A regular expression over the origins under which the routes serve Galvanometers; null where they serve none. */
function pageOrigins(source: ExportSource): string | null {
  const { resolved } = source;
  const found = runningRoutes(resolved)
    .filter((route) => route.transport === "admin" || route.transport === undefined)
    .map((route) => `${route.tls || route.tlsPassthrough ? "https" : "http"}://${addressOf(source, route)}`);
  const origins = [...new Set(found)].map(escapeRegex);
  return origins.length === 0 ? null : `^(${origins.join("|")})$`;
}

/** Destinations that go through replication port routes: to the declared peers, or to every instance that has a route. */
function replication(source: ExportSource, backend: BackendConfig): Lines {
  const { resolved } = source;
  if (backend.replication === undefined) return [];
  const links = resolved.pools.flatMap((pool) => pool.links ?? []).filter((link) => link.from === backend.id);
  const routes = runningRoutes(resolved).filter((route) => {
    const isPeer = links.length === 0 || links.some((link) => link.to === route.target);
    return route.transport === "replication" && route.target !== backend.id && isPeer;
  });
  const destinations = routes.flatMap((route) => {
    const peer = resolved.backends.find((one) => one.id === route.target);
    const link = links.find((one) => one.to === route.target);
    return [
      ...comment(
        `To ${route.target} through route ${route.id}; topics and everything else stay as they are.`,
      ),
      "<Destination>",
      ...indent([
        element("Name", peer ? nameOf(peer) : route.target),
        ...(link ? [element("SyncType", link.type)] : []),
        "<Transport>",
        ...indent([
          element("Type", route.tls || route.tlsPassthrough ? "amps-replication-secure" : "amps-replication"),
          element("InetAddr", addressOf(source, route)),
        ]),
        "</Transport>",
      ]),
      "</Destination>",
    ];
  });
  if (destinations.length === 0) return [];
  const heading =
    links.length === 0
      ? comment("Keep the destinations that this instance replicates to, and take the others out.")
      : [];
  return ["<Replication>", ...indent([...heading, ...destinations]), "</Replication>"];
}

function tellLoopback(
  { request, remarks }: ExportSource,
  backend: BackendConfig,
  own: readonly RouteConfig[],
): void {
  const [route] = own;
  if (!route || request.publicHost !== undefined || !isLoopback(publicAddress(route).replace(/:\d+$/, "")))
    return;
  remarks.differ(
    "REACHABLE_ONLY_HERE",
    { backend: backend.id },
    `The addresses written for ${backend.id} are on loopback: they work for browsers on the machine that runs the routes; --public-host names it for others.`,
  );
}

function indent(lines: Lines): Lines {
  return lines.map((line) => `  ${line}`);
}

function element(name: string, text: string): string {
  const escaped = oneLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<${name}>${escaped}</${name}>`;
}

/** Two hyphens would end a comment. */
function comment(text: string): Lines {
  return [
    `<!-- ${oneLine(text)
      .replace(/-(?=-)/g, "- ")
      .replace(/-$/, "- ")} -->`,
  ];
}
