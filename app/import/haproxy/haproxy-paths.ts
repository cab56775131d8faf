/** What an HTTP frontend leads to by path and Host name. Pure. */
import type { EndpointKind } from "../../contract/config.ts";
import type { ProxyAdditions, ProxyGroup, ProxyRoute } from "../proxy-additions.ts";
import { readAcls, readCondition, type Matches } from "./haproxy-conditions.ts";
import type { Line, Proxy } from "./parse-haproxy.ts";

type PathRoute = Pick<ProxyRoute, "name" | "path" | "host" | "keepPrefix" | "groups" | "restricted">;

export interface UseOptions {
  readonly uses: readonly Line[];
  readonly backends: ReadonlyMap<string, { readonly group: ProxyGroup; readonly proxy: Proxy }>;
  readonly found: ProxyAdditions;
}

/** As Shunt exports it: a variable names the route, another the kind of traffic. */
const byVariables = "%[var(txn.route)]-%[var(txn.kind)]";
const kinds: readonly EndpointKind[] = ["websocket", "amps", "admin"];

export function pathRoutes(frontend: Proxy, { uses, backends, found }: UseOptions): readonly PathRoute[] {
  const acls = readAcls(frontend.lines);
  return uses.flatMap(({ words, line }) => {
    const [, name = "", ...condition] = words;
    if (name === byVariables) return exportedRoutes(frontend, { backends });
    const backend = backends.get(name);
    const matches = readCondition(condition, acls);
    if (!backend || !matches || matches.names || (!matches.paths && !matches.hosts)) {
      const why = backend
        ? "asks for more than a path or a Host name."
        : "leads to no server that Shunt could use.";
      found.skip(`line ${line}`, `use_backend: ${why}`);
      return [];
    }
    return routesOf(matches, name, [backend.group], [...frontend.lines, ...backend.proxy.lines]);
  });
}

function exportedRoutes(frontend: Proxy, { backends }: Pick<UseOptions, "backends">): readonly PathRoute[] {
  return frontend.lines.flatMap(({ words }) => {
    const [keyword, action, value = "", ...condition] = words;
    const id = /^str\(([a-z0-9-]+)\)$/.exec(value)?.[1];
    const matches = readCondition(condition, new Map());
    if (keyword !== "http-request" || action !== "set-var(txn.route)" || id === undefined || !matches)
      return [];
    const groups = kinds.flatMap((kind) => {
      const group = backends.get(`${id}-${kind}`)?.group;
      return group ? [{ ...group, name: id, kind }] : [];
    });
    const keeps = frontend.lines.some(
      (one) => one.words[1] === "set-uri" && one.words[2] === "%[var(txn.uri)]" && one.words.includes(id),
    );
    return groups.length === 0 ? [] : routesOf(matches, id, groups, keeps ? [] : frontend.lines);
  });
}

function routesOf(
  { paths, hosts }: Matches,
  name: string,
  groups: readonly ProxyGroup[],
  lines: readonly Line[],
): readonly PathRoute[] {
  return (hosts ?? [null]).flatMap((host) =>
    (paths ?? ["/"]).map((path) => ({
      name,
      groups,
      ...(host !== null && { host }),
      ...((path !== "/" || host === null) && { path }),
      restricted: restrictionOf(lines),
      keepPrefix: !lines.some((line) => strips(line, path)),
    })),
  );
}

/** `replace-path ^/x(/.*) \1` and `set-path %[path,regsub(^/x/,/)]`. */
function strips({ words }: Line, path: string): boolean {
  const [keyword, action, pattern = "", replacement = ""] = words;
  if (keyword !== "http-request") return false;
  if (action === "replace-path")
    return pattern.replaceAll("\\", "").startsWith(`^${path}`) && !replacement.includes(path);
  return action === "set-path" && pattern.includes(`regsub(^${path}`);
}

/** What turns somebody away by who they are; null where nothing does. */
export function restrictionOf(lines: readonly Line[]): string | null {
  for (const { words } of lines) {
    const [keyword = "", action = "", step = ""] = words;
    if (keyword === "http-request" && /^(deny|reject|tarpit|auth)$/.test(action))
      return `${keyword} ${action}`;
    if (keyword === "tcp-request" && /^(connection|session)$/.test(action) && step === "reject")
      return `${keyword} ${action} reject`;
  }
  return null;
}
