/** Requests of an HTTP listener as Envoy routes: the first that matches decides, so what is refused stands first. */
import type { GroupPlan, ListenerPlan, RoutePlan } from "../plan/export-plan.ts";
import { escapeRegex, originPatterns } from "../plan/own-names.ts";
import { splitHost } from "../../http/origin-guard.ts";
import { isWildcard } from "../../config/address.ts";
import { pathRules, readingMethods } from "../read-only-rules.ts";
import type { Node } from "./envoy-cluster.ts";

/** Paths that can be read in two ways; Envoy matches the whole path, without query. */
const badPaths = [
  "//.*",
  ".*\\\\.*",
  ".*%(([^0-9A-Fa-f].*)?|[0-9A-Fa-f]([^0-9A-Fa-f].*)?)",
  ".*%(2[fFeE5]|5[cC]|0[0aAdD]).*",
  ".*/\\.\\.?(;[^/]*)?(/.*)?",
];

const header = (name: string, match: Node): Node => ({ name, ...match });
const present = (name: string): Node => header(name, { present_match: true });
const absent = (name: string): Node => header(name, { present_match: true, invert_match: true });
const isWebSocket: Node = header("upgrade", { string_match: { exact: "websocket", ignore_case: true } });
const regex = (text: string): Node => ({ safe_regex: { regex: text } });

function refused(match: Node, status: number, why: string): Node {
  return { match, direct_response: { status, body: { inline_string: `${why}\n` } } };
}

/** What is refused before it is known to which route it belongs. */
function judgement({ names, kind }: ListenerPlan): readonly Node[] {
  const own = originPatterns(names).map((pattern) => pattern.slice(1, -1));
  const foreign = header("origin", { string_match: regex(own.join("|")), invert_match: true });
  const everything = { prefix: "/" };
  return [
    ...(kind === "websocket"
      ? []
      : badPaths.map((path) =>
          refused(regex(path), 400, "The target of the request can be read in two ways."),
        )),
    refused(
      { ...everything, headers: [present("origin"), foreign] },
      403,
      "Pages of this origin may not use the listener.",
    ),
    refused(
      {
        ...everything,
        headers: [
          absent("origin"),
          absent("upgrade"),
          header("sec-fetch-site", { string_match: { exact: "cross-site" } }),
        ],
      },
      403,
      "A page of another site caused this request.",
    ),
    refused(
      {
        ...everything,
        headers: [
          present("upgrade"),
          header(":method", { string_match: { exact: "GET" }, invert_match: true }),
        ],
      },
      400,
      "This upgrade is not spoken here.",
    ),
  ];
}

function action(route: RoutePlan, group: GroupPlan, isPath: boolean): Node {
  const { prefix } = route;
  const strips = isPath && route.route.keepPrefix !== true && prefix !== "/";
  return {
    cluster: group.name,
    // Fifteen seconds otherwise, and five minutes of silence.
    timeout: "0s",
    idle_timeout: "0s",
    ...(isPath ? { auto_host_rewrite: true } : {}),
    ...(strips ? { prefix_rewrite: "/" } : {}),
  };
}

const set = (key: string, value: string): Node => ({
  header: { key, value },
  append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
});

/** A `%` begins an expression: a literal one is doubled. */
function literal(text: string): string {
  return text.replaceAll("%", "%%");
}

function forwardedLines(route: RoutePlan, { bind }: ListenerPlan, publicHost: string | undefined): Node {
  return {
    request_headers_to_add: [
      set("x-forwarded-for", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
      set("x-forwarded-host", "%REQ(:AUTHORITY)%"),
      set("x-forwarded-server", literal(publicHost ?? bind.host)),
      set("x-forwarded-prefix", literal(route.prefix)),
    ],
  };
}

/** What the response filter puts the prefix back in front of. */
function rewriting(route: RoutePlan): Node {
  if (route.prefix === "/" || route.route.keepPrefix === true || !route.groups.admin) return {};
  const authorities = [...new Set(route.groups.admin.servers.map(({ authority }) => authority))];
  return {
    metadata: { filter_metadata: { "envoy.filters.http.lua": { prefix: route.prefix, authorities } } },
  };
}

function pathRoute(
  route: RoutePlan,
  listener: ListenerPlan,
  publicHost: string | undefined,
): readonly Node[] {
  const { prefix, groups } = route;
  const below = prefix === "/" ? "/" : `${prefix}/`;
  const extras = { ...forwardedLines(route, listener, publicHost), ...rewriting(route) };
  const to = (match: Node, group: GroupPlan | undefined): Node =>
    group
      ? { match, route: action(route, group, true), ...extras }
      : refused(match, 404, "The backend has no endpoint for this kind of traffic.");
  const under = (headers: readonly Node[]): Node => ({
    prefix: below,
    ...(headers.length > 0 && { headers }),
  });
  return [
    ...(prefix === "/"
      ? []
      : [
          {
            match: { path: prefix },
            redirect: { path_redirect: below, response_code: "PERMANENT_REDIRECT" },
          },
        ]),
    to(under([isWebSocket, present("sec-websocket-key")]), groups.websocket),
    to(under([present("upgrade")]), groups.amps),
    ...(route.isReadOnly && groups.admin
      ? readOnlyRoutes(prefix, (match) => to(match, groups.admin))
      : [to(under([]), groups.admin)]),
  ];
}

const readOnlyBody = "This backend is read-only here.";

/** The rules in order, and 403 for what none of them lets through. */
function readOnlyRoutes(prefix: string, forward: (match: Node) => Node): readonly Node[] {
  const before = prefix === "/" ? "" : `(?-i:${escapeRegex(prefix)})`;
  const below = prefix === "/" ? "/" : `${prefix}/`;
  const acts = header(":method", { string_match: regex(readingMethods.join("|")), invert_match: true });
  return [
    refused({ prefix: below, headers: [acts] }, 403, readOnlyBody),
    ...pathRules.map(({ pattern, reads }) => {
      const whole = pattern.slice(1);
      const open = whole.endsWith("$") ? whole.slice(0, -1) : whole.replace(/\(\/\|\$\)$/, "(/.*)?");
      const match = regex(`(?i)${before}${open}`);
      return reads ? forward(match) : refused(match, 403, readOnlyBody);
    }),
    refused({ prefix: below }, 403, readOnlyBody),
  ];
}

function portRoutes(route: RoutePlan): readonly Node[] {
  const { websocket, admin } = route.groups;
  if (websocket)
    return [
      {
        match: { prefix: "/", headers: [isWebSocket, present("sec-websocket-key")] },
        route: action(route, websocket, false),
      },
      refused({ prefix: "/" }, 400, "This port takes WebSocket clients (ws://...)."),
    ];
  if (!admin) return [];
  const remove = ["for", "host", "server", "prefix"].map((what) => `x-forwarded-${what}`);
  const forward = (match: Node): Node => ({
    match,
    route: action(route, admin, false),
    request_headers_to_remove: remove,
  });
  const upgrades = forward({ prefix: "/", headers: [present("upgrade")] });
  return route.isReadOnly ? [upgrades, ...readOnlyRoutes("/", forward)] : [forward({ prefix: "/" })];
}

function inOrder(routes: readonly RoutePlan[]): readonly RoutePlan[] {
  return [...routes].sort((one, other) => other.prefix.length - one.prefix.length);
}

/** One for each Host name that routes match by, one for the listener's own names, and one that refuses all others. */
export function virtualHosts(listener: ListenerPlan, publicHost: string | undefined): readonly Node[] {
  const { routes, kind } = listener;
  const [first] = routes;
  if (kind !== "paths" && first) {
    const own = [...judgement(listener), ...portRoutes(first)];
    return kind === "websocket"
      ? [{ name: "any", domains: ["*"], routes: own }]
      : [{ name: "own", domains: ownDomains(listener, []), routes: own }, foreign];
  }
  const hosts = [...new Set(routes.flatMap(({ route }) => route.host ?? []))];
  const withPort = (host: string): string => `${host}:${listener.names.address.port}`;
  const forHost = (host: string | null): readonly Node[] => {
    const named = routes.filter(({ route }) => host !== null && route.host === host);
    const general = routes.filter(({ route }) => route.host === undefined);
    return [
      ...judgement(listener),
      ...[...inOrder(named), ...inOrder(general)].flatMap((route) => pathRoute(route, listener, publicHost)),
      refused({ prefix: "/" }, 404, "No route has this path."),
    ];
  };
  return [
    ...hosts.map((host) => ({
      name: host,
      domains: domainsOf(withPort(host), listener),
      routes: forHost(host),
    })),
    { name: "own", domains: ownDomains(listener, hosts.map(withPort)), routes: forHost(null) },
    foreign,
  ];
}

const foreign: Node = {
  name: "foreign",
  domains: ["*"],
  routes: [refused({ prefix: "/" }, 421, "The listener is not known under this name.")],
};

function domainsOf(entry: string, { names }: ListenerPlan): readonly string[] {
  const host = splitHost(entry);
  if (!host) return [];
  const name = host.name.includes(":") ? `[${host.name}]` : host.name;
  if (host.port === null) return [name, `${name}:*`];
  return host.port === (names.secure ? 443 : 80) ? [name, `${name}:${host.port}`] : [`${name}:${host.port}`];
}

function ownDomains(listener: ListenerPlan, taken: readonly string[]): readonly string[] {
  const { names } = listener;
  const { address } = names;
  const literal = address.host.includes(":") ? `[${address.host}]` : address.host;
  const own = ["127.0.0.1", "localhost", "[::1]", ...(isWildcard(address.host) ? [] : [literal])];
  const entries = [...own.map((name) => `${name}:${address.port}`), ...names.hosts];
  const others = new Set(taken.flatMap((host) => domainsOf(host, listener)));
  return [...new Set(entries.flatMap((entry) => domainsOf(entry, listener)))].filter(
    (one) => !others.has(one),
  );
}
