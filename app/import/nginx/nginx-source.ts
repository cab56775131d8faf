/** From an nginx.conf: its `stream` servers become port routes, its `http` locations path routes. Pure. */
import { accept, refuse } from "../../failures.ts";
import type { ImportSource } from "../import-source.ts";
import { ProxyAdditions, type ProxyGroup } from "../proxy-additions.ts";
import { deepNote, type NameRoutes } from "../server-names.ts";
import { readListens } from "./nginx-listens.ts";
import { readLocations } from "./nginx-locations.ts";
import { isNameMap, readNameMap } from "./nginx-names.ts";
import { groupAt, readUpstreams, type Upstreams } from "./nginx-upstreams.ts";
import { parseNginx, type Directive } from "./parse-nginx.ts";
import { Scope } from "./scope.ts";

export const nginxSource: ImportSource<null> = (text) => {
  const parsed = parseNginx(text);
  if (!("length" in parsed))
    return refuse(
      "IMPORT_UNREADABLE",
      `This is not an NGINX configuration: line ${parsed.line}, ${parsed.why}.`,
    );
  const found = new ProxyAdditions();
  const blocks = parsed.filter(({ block }) => block !== null);
  if (parsed.length === 0 || (blocks.length === 0 && !parsed.some(({ name }) => name === "include")))
    return refuse("IMPORT_UNREADABLE", "This is not an NGINX configuration: it has no block.");
  // What conf.d and sites-enabled hold stands inside `http` of the file that includes it.
  const isFragment = parsed.some(({ name }) => name === "server" || name === "upstream");
  if (isFragment) readHttp({ name: "http", words: [], line: 1, block: parsed }, found);
  else
    for (const directive of parsed)
      if (directive.name === "stream" && directive.block) readStream(directive, found);
      else if (directive.name === "http" && directive.block) readHttp(directive, found);
      else tellOther(directive, found);
  found.finish();
  return accept({ additions: found.additions, notUnderstood: found.notUnderstood });
};

/** Blocks count as one with all that is in them. */
function tellOther({ name, line }: Directive, found: ProxyAdditions): void {
  if (name === "include") found.skip(`line ${line}`, "include: not read; import that file as well.");
  else found.unused(/^[a-z_]{1,60}$/.test(name) ? name : "a directive", line);
}

function readStream(stream: Directive, found: ProxyAdditions): void {
  const outer = new Scope(stream, null);
  const upstreams = readUpstreams(outer, found);
  const maps = outer.all("map").filter(isNameMap);
  const named = new Map(maps.map((map) => [map.words[1], readNameMap(map, { upstreams, found })]));
  for (const directive of outer.others(["upstream", "server", "ssl_preread", ...Scope.inherited]))
    if (!maps.includes(directive)) tellOther(directive, found);
  for (const directive of outer.all("server")) {
    const scope = new Scope(directive, outer);
    const known = ["listen", "proxy_pass", "ssl_preread", ...Scope.inherited];
    for (const other of scope.others(known)) tellOther(other, found);
    const to = scope.own("proxy_pass")?.words[0];
    const byName = scope.isOn("ssl_preread") ? named.get(to) : undefined;
    if (byName) readNamedServer(scope, byName, found);
    else readStreamServer(scope, upstreams, found);
  }
}

function readStreamServer(scope: Scope, upstreams: Upstreams, found: ProxyAdditions): void {
  const pass = scope.own("proxy_pass");
  const to = pass?.words[0];
  if (!pass || to === undefined) return found.skip(`line ${scope.line}`, "server: has no proxy_pass.");
  const tls = scope.isOn("proxy_ssl") ? scope.backendTls() : null;
  const group = groupAt(to, { upstreams, tls: tls?.settings ?? null, defaultPort: null });
  if (typeof group === "string") return found.skip(`line ${pass.line}`, `proxy_pass: ${group}`);
  for (const { listen, tls: listenerTls, line, isOfRange } of readListens(scope, found))
    found.add({
      origin: `line ${line}, listen ${scope.shown(line)}`,
      name: isOfRange ? `${group.name}-${listen.port}` : group.name,
      listen,
      tls: listenerTls,
      carries: "tcp",
      groups: [group],
      notes: tls?.notes ?? [],
      restricted: scope.restriction(),
    });
}

/** TLS that goes through, by the server name in its ClientHello. */
function readNamedServer(
  scope: Scope,
  { routes, deep }: NameRoutes<ProxyGroup>,
  found: ProxyAdditions,
): void {
  if (scope.isOn("proxy_ssl"))
    return found.skip(`line ${scope.line}`, "server: reads server names, and speaks TLS of its own.");
  for (const { listen, tls, line, isOfRange } of readListens(scope, found)) {
    if (tls) {
      found.skip(`line ${line}`, "listen: server names are asked for behind TLS of its own.");
      continue;
    }
    for (const { target, names } of routes)
      found.add({
        origin: `line ${line}, listen ${scope.shown(line)}`,
        name: isOfRange ? `${target.name}-${listen.port}` : target.name,
        ...{ listen, tls, carries: "tcp", groups: [target], readsNames: true },
        ...(names && { serverNames: names }),
        notes: deepNote(names, deep),
        restricted: scope.restriction(),
      });
  }
}

function readHttp(http: Directive, found: ProxyAdditions): void {
  const outer = new Scope(http, null);
  const upstreams = readUpstreams(outer, found);
  const known = ["upstream", "server", "map", "proxy_set_header", ...Scope.inherited];
  for (const directive of outer.others(known)) tellOther(directive, found);
  for (const directive of outer.all("server")) {
    const scope = new Scope(directive, outer);
    const ofServer = ["listen", "server_name", "location", "proxy_set_header", ...Scope.inherited];
    for (const other of scope.others(ofServer)) tellOther(other, found);
    const listens = readListens(scope, found);
    if (listens.length === 0) found.skip(`line ${scope.line}`, "server: has no address to listen on.");
    else readLocations(scope, { upstreams, listens, found, maps: outer.all("map") });
  }
}
