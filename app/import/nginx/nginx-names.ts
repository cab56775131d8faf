/** A stream server that tells TLS clients apart by server name: `ssl_preread`, and a map that says where each name leads. Pure. */
import type { ProxyAdditions, ProxyGroup } from "../proxy-additions.ts";
import { NameList, readOneLabel, readServerName, readWildcard, type NameRoutes } from "../server-names.ts";
import { groupAt, type Upstreams } from "./nginx-upstreams.ts";
import type { Directive } from "./parse-nginx.ts";

interface NameMapOptions {
  readonly upstreams: Upstreams;
  readonly found: ProxyAdditions;
}

const source = "$ssl_preread_server_name";

export function isNameMap({ words }: Directive): boolean {
  return words[0] === source;
}

/** What the map gives for each name; null where a name means nothing to it, and an empty value leads nowhere. */
export function readNameMap(map: Directive, { upstreams, found }: NameMapOptions): NameRoutes<ProxyGroup> {
  const list = new NameList<ProxyGroup>();
  const groups = new Map<string, ProxyGroup | string>();
  const entries = map.block ?? [];
  const hasHostnames = entries.some(({ name, words }) => name === "hostnames" && words.length === 0);
  for (const { name, words, line } of entries) {
    const [to] = words;
    if (to === undefined || to === "") continue;
    const group = groups.get(to) ?? groupAt(to, { upstreams, tls: null, defaultPort: null });
    groups.set(to, group);
    const key = readKey(name, hasHostnames);
    if (typeof group === "string") found.skip(`line ${line}`, `map: ${group}`);
    else if (name === "default") list.others(group);
    else if (!key) found.skip(`line ${line}`, "map: is no server name, nor a wildcard of one label.");
    else list.add(group, key.names, key.isDeep);
  }
  return list.found;
}

function readKey(
  text: string,
  hasHostnames: boolean,
): { readonly names: readonly string[]; readonly isDeep: boolean } | null {
  const one = (name: string | null, isDeep = false) => (name === null ? null : { names: [name], isDeep });
  if (text.startsWith("~")) return one(readOneLabel(text.replace(/^~\*?/, "")));
  if (hasHostnames && text.startsWith("*.")) return one(readWildcard(text.slice(1)), true);
  if (hasHostnames && text.startsWith(".")) {
    const [itself, below] = [readServerName(text.slice(1)), readWildcard(text)];
    return itself !== null && below !== null ? { names: [itself, below], isDeep: true } : null;
  }
  return one(readServerName(text.replace(/^\\/, "")));
}
