/** Listeners: bytes as they come, or HTTP whose heads are judged as Shunt judges them. */
import { boundHosts, formatHostPort, isWildcard } from "../../config/address.ts";
import type { GroupPlan, ListenerPlan, RoutePlan } from "../plan/export-plan.ts";
import { badRequestLines, hostPatterns, originPatterns } from "../plan/own-names.ts";
import { groupsOf, nameGroups, oneLabel } from "../plan/server-names.ts";
import { pathRules, readingMethods } from "../read-only-rules.ts";
import { combined, groupLines, pathBackend, portBackend, routeRegex } from "./haproxy-backend.ts";
import { comments, formatted, replacement, section, word, type Lines } from "./haproxy-syntax.ts";

function binds({ bind: { host, port }, tls }: ListenerPlan): Lines {
  const secure = tls ? ` ssl crt ${word(combined(tls.certFile))} ssl-min-ver TLSv1.2` : "";
  return boundHosts(host).map((one) => `bind ${formatHostPort({ host: one, port })}${secure}`);
}

function answer(status: number, why: string): string {
  return `http-request return status ${status} content-type text/plain string ${word(`${why}\n`.trim())}`;
}

export function listenerLines(listener: ListenerPlan): Lines {
  if (listener.kind === "names") return namedListener(listener);
  return listener.kind === "tcp" ? tcpListener(listener) : httpListener(listener);
}

/** A whole head of a GET that asks for an upgrade, other than WebSocket, and comes from no page. */
const preflightHead =
  "^GET [^\\r\\n]+\\r\\n(?:(?!origin:|upgrade:)[^\\r\\n]+\\r\\n)*upgrade: *(?!websocket)[^\\r\\n]+\\r\\n(?:(?!origin:|upgrade:)[^\\r\\n]+\\r\\n)*\\r\\n";

/** An AMPS client speaks first: whoever speaks HTTP to an AMPS port is a browser, unless it is a preflight. */
const firstBytes: Lines = [
  "tcp-request inspect-delay 5s",
  "tcp-request content reject if { req.payload(0,2) -m reg ^[A-Z][A-Z] } !{ req.payload(0,4) -m str 'GET ' }",
  `tcp-request content accept if { req.payload(0,2) -m str GE } { req.payload(0,0) -m reg -i ${word(preflightHead)} }`,
  "tcp-request content reject if { req.payload(0,2) -m str GE }",
];

function tcpListener(listener: ListenerPlan): Lines {
  const [route] = listener.routes;
  const [group] = Object.values(route?.groups ?? {});
  if (!route || !group) return [];
  return [
    ...comments(route.comments),
    ...section(`listen ${group.name}`, [
      ...binds(listener),
      "mode tcp",
      ...(group.kind === "amps" && !route.route.tlsPassthrough ? firstBytes : []),
      ...groupLines(group),
    ]),
  ];
}

/** TLS that goes through, by the server name in its ClientHello; a backend without servers closes. */
function namedListener(listener: ListenerPlan): Lines {
  const { others, named } = nameGroups(listener);
  const nobody = `nobody-${listener.name}`;
  const asks = (name: string): string =>
    name.startsWith("*") ? `-m reg -i ${word(oneLabel(name))}` : `-m str -i ${name}`;
  return [
    ...comments(listener.routes.flatMap((route) => route.comments)),
    ...section(`frontend names-${listener.name}`, [
      ...binds(listener),
      "mode tcp",
      "tcp-request inspect-delay 10s",
      "tcp-request content accept if { req.ssl_hello_type 1 }",
      "tcp-request content reject",
      ...named.map(
        ({ name, group }) => `use_backend ${group?.name ?? nobody} if { req.ssl_sni ${asks(name)} }`,
      ),
      `default_backend ${others?.name ?? nobody}`,
    ]),
    ...groupsOf(listener).flatMap((group) =>
      section(`backend ${group.name}`, ["mode tcp", ...groupLines(group)]),
    ),
    ...(others && listener.shutNames.length === 0 ? [] : section(`backend ${nobody}`, ["mode tcp"])),
  ];
}

const forwardedNames = ["For", "Host", "Server", "Proto", "Prefix"].map((what) => `X-Forwarded-${what}`);

function httpListener(listener: ListenerPlan): Lines {
  const groups = listener.routes.flatMap((route) =>
    Object.values(route.groups).map((group: GroupPlan) => [route, group] as const),
  );
  const isPaths = listener.kind === "paths";
  return [
    ...comments(listener.routes.flatMap((route) => route.comments)),
    ...section(`frontend ${listener.kind}-${listener.name}`, [
      ...binds(listener),
      "mode http",
      ...judgement(listener),
      ...(isPaths ? pathRouting(listener) : portRouting(listener)),
    ]),
    ...groups.flatMap(([route, group]) =>
      isPaths ? pathBackend(route, group) : portBackend(listener, group),
    ),
  ];
}

/** What is refused before it is known to which route it belongs. */
function judgement(listener: ListenerPlan): Lines {
  const { names, kind } = listener;
  const named: Lines = [
    "http-request set-var-fmt(txn.line) '%[method] %[url] HTTP/1.1'",
    ...badRequestLines.map((pattern) => `acl bad_target var(txn.line) -m reg ${word(pattern)}`),
    `${answer(400, "The target of the request can be read in two ways.")} if bad_target`,
    ...hostPatterns(names).map((pattern) => `acl own_host req.hdr(host) -m reg -i ${word(pattern)}`),
    ...(isWildcard(listener.bind.host)
      ? [
          // The address that the request came to counts as a name where the listener has all of them.
          "http-request set-var-fmt(txn.came_to) '%[dst]:%[dst_port]'",
          "acl own_host req.hdr(host),strcmp(txn.came_to) eq 0",
        ]
      : []),
    `${answer(421, "The listener is not known under this name.")} unless own_host { req.fhdr_cnt(host) eq 1 }`,
  ];
  return [
    ...(kind === "websocket" ? [] : named),
    "acl has_origin req.hdr(origin) -m found",
    ...originPatterns(names).map((pattern) => `acl own_origin req.fhdr(origin) -m reg ${word(pattern)}`),
    `${answer(403, "Pages of this origin may not use the listener.")} if has_origin !own_origin`,
    "acl upgrades req.hdr(upgrade) -m found",
    "acl is_websocket req.fhdr(upgrade) -m str -i websocket",
    "acl has_key req.hdr(sec-websocket-key) -m found",
    "acl has_body req.hdr(content-length) -m found",
    "acl has_body req.hdr(transfer-encoding) -m found",
    `acl plain_token req.fhdr(upgrade) -m reg ${word("^[A-Za-z0-9._+-]+(/[A-Za-z0-9.]+)?$")}`,
    "acl is_h2c req.fhdr(upgrade) -m str -i h2 h2c",
    ...["!plain_token", "is_h2c", "has_body", "!METH_GET", "!HTTP_1.1"].map(
      (bad) => `${answer(400, "This upgrade is not spoken here.")} if upgrades ${bad}`,
    ),
  ];
}

/** `txn.reads` is yes where an admin request can change nothing; the first rule that matches decides. */
function readingRules(): Lines {
  return [
    `acl reading_method method ${readingMethods.join(" ")}`,
    ...pathRules.map(
      ({ pattern, reads }) =>
        `http-request set-var(txn.reads) str(${reads ? "yes" : "no"}) if !{ var(txn.reads) -m found } { path -m reg -i ${word(pattern)} }`,
    ),
    "http-request set-var(txn.reads) str(no) if !reading_method",
    "acl reads var(txn.reads) -m str yes",
    "acl cross_site req.hdr(sec-fetch-site) -m str cross-site",
    "acl navigates req.hdr(sec-fetch-mode) -m str navigate",
    ...["!navigates", "!reads"].map(
      (bad) =>
        `${answer(403, "A page of another site caused this request.")} if !upgrades !has_origin cross_site ${bad}`,
    ),
  ];
}

const readOnly = answer(403, "This backend is read-only here.");

function portRouting({ kind, routes }: ListenerPlan): Lines {
  const [route] = routes;
  const [group] = Object.values(route?.groups ?? {});
  const own: Lines =
    kind === "websocket"
      ? ["!upgrades", "!is_websocket", "!has_key"].map(
          (bad) => `${answer(400, "This port takes WebSocket clients (ws://...).")} if ${bad}`,
        )
      : [
          ...readingRules(),
          ...(route?.isReadOnly ? [`${readOnly} if !upgrades !reads`] : []),
          ...forwardedNames.map((name) => `http-request del-header ${name}`),
        ];
  return [...own, `default_backend ${group?.name ?? ""}`];
}

/** Named hosts before any host, long prefixes before short ones. */
function inOrder(routes: readonly RoutePlan[]): readonly RoutePlan[] {
  const rank = ({ route, prefix }: RoutePlan) => (route.host === undefined ? 0 : 1e6) + prefix.length;
  return [...routes].sort((one, other) => rank(other) - rank(one));
}

function isRoute(routes: readonly RoutePlan[]): string {
  return `{ var(txn.route) -m str ${routes.map(({ route }) => route.id).join(" ")} }`;
}

function pathRouting({ routes, tls }: ListenerPlan): Lines {
  const ordered = inOrder(routes);
  const guardedRoutes = chunks(
    ordered.filter(({ isReadOnly }) => isReadOnly),
    20,
  );
  return [
    ...ordered.flatMap(matching),
    `${answer(404, "No route has this path.")} unless { var(txn.route) -m found }`,
    "http-request set-var(txn.uri) url",
    ...ordered
      .filter(({ prefix }) => prefix !== "/")
      .map(
        (route) => `http-request replace-path ${word(routeRegex(route.prefix))} '\\1' if ${isRoute([route])}`,
      ),
    ...readingRules(),
    ...guardedRoutes.map((some) => `${readOnly} if !upgrades !reads ${isRoute(some)}`),
    ...chunks(
      ordered.filter(({ route }) => route.keepPrefix === true),
      20,
    ).map((some) => `http-request set-uri %[var(txn.uri)] if ${isRoute(some)}`),
    "http-request set-header X-Forwarded-For %[src]",
    "http-request set-header X-Forwarded-Host %[req.hdr(host)]",
    "http-request set-header X-Forwarded-Server %[req.hdr(host),regsub(:[0-9]+$,)]",
    `http-request set-header X-Forwarded-Proto ${tls ? "https" : "http"}`,
    "http-request set-var(txn.kind) str(admin)",
    "http-request set-var(txn.kind) str(amps) if upgrades",
    "http-request set-var(txn.kind) str(websocket) if upgrades is_websocket has_key",
    "use_backend %[var(txn.route)]-%[var(txn.kind)]",
    "default_backend no-endpoint",
  ];
}

function matching({ route, prefix }: RoutePlan): Lines {
  const host = route.host === undefined ? "" : ` { req.hdr(host),field(1,:) -m str -i ${route.host} }`;
  const first = "!{ var(txn.route) -m found }";
  const below = word(prefix === "/" ? "/" : `${prefix}/`);
  const bare = (target: string, query: string): string =>
    `http-request redirect code 308 location ${target} if ${first}${host} { path -m str ${word(prefix)} } ${query}{ query -m found }`;
  return [
    ...(prefix === "/"
      ? []
      : [bare(replacement(`${prefix}/`, "?%[query]"), ""), bare(formatted(`${prefix}/`), "!")]),
    `http-request set-var(txn.route) str(${route.id}) if ${first}${host} { path -m beg ${below} }`,
  ];
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
