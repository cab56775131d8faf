/** Locations of an `http` server: which path or Host name leads where, with its prefix or without. Pure. */
import type { EndpointKind } from "../../contract/config.ts";
import type { ProxyAdditions, ProxyGroup, ProxyRoute } from "../proxy-additions.ts";
import type { Listen } from "./nginx-listens.ts";
import { groupAt, type Upstreams } from "./nginx-upstreams.ts";
import type { Directive } from "./parse-nginx.ts";
import { Scope } from "./scope.ts";

interface LocationOptions {
  readonly upstreams: Upstreams;
  readonly listens: readonly Listen[];
  readonly maps: readonly Directive[];
  readonly found: ProxyAdditions;
}

type Target = Pick<ProxyRoute, "groups" | "notes" | "keepPrefix">;

/** What Shunt's own forwarding does anyway. */
const understood = [
  "proxy_pass",
  "proxy_set_header",
  "proxy_redirect",
  "proxy_cookie_path",
  ...Scope.inherited,
];

export function readLocations(server: Scope, options: LocationOptions): void {
  const { found } = options;
  const locations = server.all("location").flatMap((directive) => {
    const scope = new Scope(directive, server);
    const pass = scope.own("proxy_pass");
    if (!pass) {
      found.unused("a location without proxy_pass", directive.line);
      return [];
    }
    for (const { name, line } of scope.others(understood))
      found.unused(/^[a-z_]{1,60}$/.test(name) ? name : "a directive", line);
    const path = pathOf(directive.words);
    if (path !== null) return [{ scope, pass, path }];
    found.skip(`line ${directive.line}`, "location: is none that a path prefix of Shunt could stand for.");
    return [];
  });
  const hosts = hostsOf(server, found);
  const isWhole = locations.length === 1 && locations[0]?.path === "/" && hosts[0] === null;
  for (const { scope, pass, path } of locations) {
    const target = targetOf(scope, pass, path, options);
    if (typeof target === "string") found.skip(`line ${pass.line}`, `proxy_pass: ${target}`);
    else
      for (const { listen, tls, line } of options.listens)
        for (const host of hosts)
          found.add({
            origin: `line ${scope.line}, location ${path} (listen on line ${line})`,
            name: path === "/" ? (host ?? target.groups[0]?.name ?? "") : path,
            ...{ listen, tls, carries: "http" as const, upgrades: passesUpgrades(scope) },
            ...(!isWhole && (host === null || path !== "/") && { path }),
            ...(host !== null && { host }),
            ...target,
            restricted: scope.restriction(),
          });
  }
}

/** A prefix as Shunt writes it: `/` or `/name`; null for exact, regular and named locations. */
function pathOf(words: readonly string[]): string | null {
  const [first = "", second] = words;
  const text = second === undefined ? first : first === "^~" ? second : "";
  if (text === "/") return text;
  const path = text.replace(/\/$/, "");
  const isPlain = /^(\/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/.test(path);
  return isPlain && !path.split("/").some((part) => part === "." || part === "..") ? path : null;
}

/** Host names of a server; null stands for any. */
function hostsOf(server: Scope, found: ProxyAdditions): readonly (string | null)[] {
  const names = server.all("server_name").flatMap(({ words }) => words);
  const plain = names
    .map((name) => name.toLowerCase())
    .filter((name) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name));
  const isDefault = server.all("listen").some(({ words }) => words.includes("default_server"));
  const any = names.length === 0 || names.some((name) => name === "" || name === "_") || isDefault;
  const others = names.filter((name) => !["", "_"].includes(name) && !plain.includes(name.toLowerCase()));
  if (others.length > 0)
    found.skip(
      `line ${server.own("server_name")?.line}`,
      "server_name: patterns are no Host names of a route.",
    );
  return any ? [null] : plain;
}

function passesUpgrades(scope: Scope): boolean {
  return scope.inherit("proxy_set_header").some(({ words }) => words[0]?.toLowerCase() === "upgrade");
}

function targetOf(scope: Scope, pass: Directive, path: string, options: LocationOptions): Target | string {
  const [url = ""] = pass.words;
  const variable = /^\$(\w+)(.*)$/.exec(url);
  if (variable) return mappedTarget(scope, variable[1] ?? "", variable[2] ?? "", options);
  const [, scheme, to = "", uri = ""] = /^(https?):\/\/([^/]+)(\/.*)?$/.exec(url) ?? [];
  if (scheme === undefined) return "is not an http or https address.";
  const whole = scope.words[scope.words.length - 1] ?? "";
  const keepPrefix = uri === "" || uri === whole;
  if (!keepPrefix && uri !== "/") return "puts another path in place of the location's.";
  const group = groupOf(scope, scheme, to, null, options);
  if (typeof group === "string") return group;
  return { groups: [group.group], notes: group.notes, keepPrefix: keepPrefix && path !== "/" };
}

/** As Shunt exports it: a map gives for each kind of traffic where it goes. */
function mappedTarget(
  scope: Scope,
  variable: string,
  rest: string,
  options: LocationOptions,
): Target | string {
  const map = options.maps.find(({ words }) => words[0] === "$shunt_kind" && words[1] === `$${variable}`);
  const keepPrefix = rest === "$request_uri";
  if (!map || (!keepPrefix && rest !== "$shunt_rest$shunt_query")) return "leads where a variable says.";
  const kinds: Readonly<Record<string, EndpointKind>> = {
    websocket: "websocket",
    preflight: "amps",
    admin: "admin",
  };
  const groups: ProxyGroup[] = [];
  for (const { name, words } of map.block ?? []) {
    const [, scheme, to = ""] = /^(https?):\/\/([^/]+)$/.exec(words[0] ?? "") ?? [];
    const kind = kinds[name];
    if (scheme === undefined || kind === undefined) continue;
    const group = groupOf(scope, scheme, to, kind, options);
    if (typeof group === "string") return group;
    groups.push(group.group);
  }
  return groups.length === 0 ? "leads nowhere." : { groups, notes: [], keepPrefix };
}

function groupOf(
  scope: Scope,
  scheme: string,
  to: string,
  kind: EndpointKind | null,
  { upstreams }: LocationOptions,
): { readonly group: ProxyGroup; readonly notes: readonly string[] } | string {
  const tls = scheme === "https" ? scope.backendTls() : null;
  const defaultPort = scheme === "https" ? 443 : 80;
  const group = groupAt(to, { upstreams, tls: tls?.settings ?? null, defaultPort });
  return typeof group === "string" ? group : { group: { ...group, kind }, notes: tls?.notes ?? [] };
}
