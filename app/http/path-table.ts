/** The path routes of one listener: which one a request belongs to. */
import { isUnder, pathOf } from "./request-target.ts";

export interface PathEntry<Route> {
  /** `/` where the route matches by host alone. */
  readonly prefix: string;
  /** Lower case, without a port; null matches any name. */
  readonly host: string | null;
  readonly route: Route;
}

export interface PathTable<Route> {
  /** The entry with the longest prefix; a named host beats any host. `hostName` is lower case, without a port. */
  match(hostName: string, target: string): PathEntry<Route> | null;
  readonly entries: readonly PathEntry<Route>[];
}

/** Looks a target up by walking its segments from the longest prefix: cost grows with the path, not with the routes. */
export function createPathTable<Route>(entries: readonly PathEntry<Route>[]): PathTable<Route> {
  const byHost = new Map<string | null, Map<string, PathEntry<Route>>>();
  for (const entry of entries) {
    const prefixes = byHost.get(entry.host) ?? new Map<string, PathEntry<Route>>();
    prefixes.set(entry.prefix, entry);
    byHost.set(entry.host, prefixes);
  }
  const longest = (
    prefixes: Map<string, PathEntry<Route>> | undefined,
    path: string,
  ): PathEntry<Route> | null => {
    if (!prefixes) return null;
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const entry = prefixes.get(path.slice(0, end));
      if (entry && isUnder(path, entry.prefix)) return entry;
    }
    return prefixes.get("/") ?? null;
  };
  return {
    entries,
    match(hostName, target) {
      const path = pathOf(target);
      return longest(byHost.get(hostName), path) ?? longest(byHost.get(null), path);
    },
  };
}
