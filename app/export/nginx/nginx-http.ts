/** Path routes, and port routes for WebSocket and admin: servers of the http module. */
import type { EndpointKind } from "../../contract/config.ts";
import type { GroupPlan, ListenerPlan, RoutePlan } from "../plan/export-plan.ts";
import { escapeRegex, sameAuthority } from "../plan/own-names.ts";
import { listenerMaps, ownHost, ownOrigin } from "./nginx-maps.ts";
import { forever, listenerTls, listenLines } from "./nginx-stream.ts";
import {
  block,
  comments,
  directive,
  literal,
  map,
  variable,
  word,
  type Lines,
  type MapEntry,
} from "./nginx-syntax.ts";
import { proxyTls, upstream } from "./nginx-upstream.ts";

export const httpSettings: Lines = [
  "access_log off;",
  "server_tokens off;",
  "absolute_redirect off;",
  "merge_slashes off;",
  "client_header_timeout 10s;",
  "client_max_body_size 0;",
  "large_client_header_buffers 4 16k;",
  "keepalive_timeout 65s;",
  "map_hash_bucket_size 256;",
  "server_names_hash_bucket_size 512;",
  "variables_hash_max_size 4096;",
  "variables_hash_bucket_size 256;",
  "",
  ...comments(["AMPS's administrative actions are plain GETs: nothing is ever sent a second time."]),
  "proxy_next_upstream off;",
  "proxy_http_version 1.1;",
  "proxy_buffering off;",
  "proxy_request_buffering off;",
  "proxy_connect_timeout 10s;",
  "proxy_socket_keepalive on;",
  ...comments(["A client that reads slowly, or is silent for hours, is no error."]),
  `proxy_read_timeout ${forever};`,
  `proxy_send_timeout ${forever};`,
  `send_timeout ${forever};`,
];

/** The name that a request's kind has in `$shunt_kind`. */
const kindNames = { websocket: "websocket", amps: "preflight", admin: "admin" } as const;

function groupsOf({ groups }: RoutePlan): readonly GroupPlan[] {
  return (["websocket", "amps", "admin", "replication"] as const)
    .map((kind: EndpointKind) => groups[kind])
    .filter((group) => group !== undefined);
}

function byKind(route: RoutePlan, gives: (group: GroupPlan) => string): readonly MapEntry[] {
  return groupsOf(route).map((group) => ({
    on: kindNames[group.kind as keyof typeof kindNames],
    gives: gives(group),
  }));
}

function names(route: RoutePlan) {
  const { id } = route.route;
  return { to: variable("to", id), host: variable("host", id), tls: variable("tls_name", id) };
}

function tlsNames(route: RoutePlan): readonly string[] {
  return [...new Set(groupsOf(route).flatMap((group) => group.servers[0]?.tls?.name ?? []))];
}

function routeMaps(route: RoutePlan): readonly Lines[] {
  const none: MapEntry = { on: "default", gives: '""' };
  const url = (group: GroupPlan) => `${group.servers[0]?.tls ? "https" : "http"}://${group.name}`;
  const { to, host, tls } = names(route);
  return [
    map("$shunt_kind", to, [none, ...byKind(route, url)]),
    map("$shunt_kind", host, [none, ...byKind(route, (group) => word(group.servers[0]?.authority ?? ""))]),
    ...(tlsNames(route).length < 2
      ? []
      : [
          map("$shunt_kind", tls, [
            none,
            ...byKind(route, (group) => word(group.servers[0]?.tls?.name ?? "")),
          ]),
        ]),
  ];
}

function tlsOf(route: RoutePlan): Lines {
  const [secure] = groupsOf(route).flatMap((group) => group.servers[0]?.tls ?? []);
  return secure ? proxyTls(secure, tlsNames(route).length < 2 ? undefined : names(route).tls) : [];
}

function refuse(condition: string, status: number, why: string): string {
  return `if (${condition}) { return ${status} ${word(`${why}\n`).replace("\n", "\\n")}; }`;
}

/** The location of a path route: judged, stripped, sent to the endpoint of its kind. */
function pathLocation(route: RoutePlan): Lines {
  const { prefix } = route;
  const { keepPrefix } = route.route;
  const { to, host } = names(route);
  const under = prefix === "/" ? "" : escapeRegex(prefix);
  const target = keepPrefix ? "$request_uri" : "$shunt_rest$shunt_query";
  return [
    ...comments(route.comments),
    ...(prefix === "/"
      ? []
      : block(`location = ${word(prefix)}`, [`return 308 ${word(`${literal(prefix)}/$is_args$args`)};`])),
    ...block(`location ^~ ${word(prefix === "/" ? "/" : `${prefix}/`)}`, [
      `if ($request_uri !~ ${word(`^${under}(?<shunt_rest>/[^?]*)(?<shunt_query>\\?.*)?$`)}) { return 404; }`,
      refuse("$shunt_cross_site", 403, "A page of another site caused this request."),
      ...(route.isReadOnly ? [refuse("$shunt_acts", 403, "This backend is read-only here.")] : []),
      `if (${to} = "") { return 404; }`,
      directive("proxy_pass", `${to}${target}`),
      ...header("Host", host),
      ...header("Upgrade", "$shunt_upgrade"),
      ...header("Connection", "$shunt_connection"),
      ...header("X-Forwarded-For", "$remote_addr"),
      ...header("X-Forwarded-Host", "$http_host"),
      ...header("X-Forwarded-Server", "$shunt_server_name"),
      ...header("X-Forwarded-Proto", "$scheme"),
      ...header("X-Forwarded-Prefix", word(literal(prefix))),
      ...tlsOf(route),
      ...(prefix === "/" || keepPrefix ? ["proxy_redirect off;"] : rewrites(route)),
    ]),
  ];
}

/** What a client may not say of itself. */
const forwardedNames = ["For", "Host", "Server", "Proto", "Prefix"].map((what) => `X-Forwarded-${what}`);

function header(name: string, value: string): Lines {
  return [directive("proxy_set_header", name, value)];
}

/** Redirects and cookie paths get the prefix back. */
function rewrites(route: RoutePlan): Lines {
  const prefix = literal(route.prefix);
  const authorities = [...new Set((route.groups.admin?.servers ?? []).map(({ authority }) => authority))];
  return [
    ...authorities.flatMap((authority) => [
      directive(
        "proxy_redirect",
        word(`~*^(?:https?:)?//${sameAuthority(authority)}(/.*)$`),
        word(`${prefix}$1`),
      ),
      directive(
        "proxy_redirect",
        word(`~*^(?:https?:)?//${sameAuthority(authority)}([?#].*)?$`),
        word(`${prefix}/$1`),
      ),
    ]),
    directive("proxy_redirect", word("~^/(?!/)(.*)$"), word(`${prefix}/$1`)),
    directive("proxy_cookie_path", "/", word(`${prefix}/`)),
  ];
}

/** The location of a port route: Host and path as they came. */
function portLocation(listener: ListenerPlan, route: RoutePlan): Lines {
  const isWebSocket = listener.kind === "websocket";
  const [group] = groupsOf(route);
  const url = `${group?.servers[0]?.tls ? "https" : "http"}://${group?.name}`;
  return [
    ...comments(route.comments),
    ...block("location /", [
      ...(isWebSocket
        ? [`if ($shunt_kind != websocket) { return 400 "This port takes WebSocket clients (ws://...).\\n"; }`]
        : [
            "if ($request_uri !~ ^(?<shunt_rest>/[^?]*)) { return 404; }",
            refuse("$shunt_cross_site", 403, "A page of another site caused this request."),
            ...(route.isReadOnly ? [refuse("$shunt_acts", 403, "This backend is read-only here.")] : []),
          ]),
      directive("proxy_pass", url),
      ...header("Host", "$http_host"),
      ...header("Upgrade", "$shunt_upgrade"),
      ...header("Connection", "$shunt_connection"),
      ...(isWebSocket ? [] : forwardedNames.flatMap((name) => header(name, '""'))),
      ...tlsOf(route),
      "proxy_redirect off;",
    ]),
  ];
}

/** Maps, groups and servers of one address; a Host name that routes match by has a server of its own. */
export function httpListener(listener: ListenerPlan): Lines {
  const groups = listener.routes.flatMap(groupsOf);
  const maps = [
    ...listenerMaps(listener),
    ...(listener.kind === "paths" ? listener.routes.flatMap(routeMaps) : []),
  ];
  const hosts = [...new Set(listener.routes.flatMap(({ route }) => route.host ?? []))];
  return [
    ...groups.flatMap((group) => [...upstream(group), ""]),
    ...maps.flatMap((lines) => [...lines, ""]),
    ...[null, ...hosts].flatMap((host) => [...httpServer(listener, host), ""]),
  ];
}

/** `hostName` null: for every name that has no server of its own. */
function httpServer(listener: ListenerPlan, hostName: string | null): Lines {
  const own = listener.routes.filter(({ route }) => route.host !== undefined && route.host === hostName);
  const taken = new Set(own.map(({ prefix }) => prefix));
  const general = listener.routes.filter(
    ({ route, prefix }) => route.host === undefined && !taken.has(prefix),
  );
  const routes = [...own, ...general];
  const locations =
    listener.kind === "paths"
      ? routes.flatMap(pathLocation)
      : listener.routes.flatMap((route) => portLocation(listener, route));
  // Path listeners, and an admin port, answer under their own names only.
  const isNamed = listener.kind !== "websocket";
  return block("server", [
    ...listenLines(listener, hostName === null ? "default" : "further"),
    directive("server_name", hostName === null ? '""' : word(hostName)),
    ...listenerTls(listener),
    ...(isNamed
      ? [
          refuse("$shunt_bad_target", 400, "The request's target can be read in two ways."),
          refuse(`${ownHost(listener)} = 0`, 421, "The listener is not known under this name."),
        ]
      : []),
    refuse(`${ownOrigin(listener)} = 0`, 403, "Pages of this origin may not use the listener."),
    refuse("$shunt_bad_upgrade", 400, "This upgrade is not spoken here."),
    "",
    ...locations,
    ...(routes.some(({ prefix }) => prefix === "/") || listener.kind !== "paths"
      ? []
      : block("location /", [`return 404 "No route has this path.\\n";`])),
  ]);
}
