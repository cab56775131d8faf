/** What a TCP frontend leads to by the server name in a ClientHello: `req.ssl_sni`. Pure. */
import { NameList, type NameRoutes } from "../server-names.ts";
import { readAcls, readCondition } from "./haproxy-conditions.ts";
import type { UseOptions } from "./haproxy-paths.ts";
import type { Proxy } from "./parse-haproxy.ts";

/** The names of each backend, by the backend's. */
export function readNames(frontend: Proxy, { uses, backends, found }: UseOptions): NameRoutes<string> {
  const acls = readAcls(frontend.lines);
  const list = new NameList<string>();
  for (const { words, line } of uses) {
    const [, name = "", ...condition] = words;
    const matches = readCondition(condition, acls);
    if (!matches?.names || matches.paths || matches.hosts)
      found.skip(`line ${line}`, "use_backend: asks for more than a server name.");
    else if (!backends.has(name))
      found.skip(`line ${line}`, "use_backend: leads to no server that Shunt could use.");
    else list.add(name, matches.names, matches.isDeep === true);
  }
  return list.found;
}
