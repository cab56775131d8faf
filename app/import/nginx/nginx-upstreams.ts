/** Upstream groups, and what a proxy_pass leads to. Pure. */
import type { BackendTls } from "../../contract/config.ts";
import { formatHostPort, parseHostPort, type HostPort } from "../../config/address.ts";
import type { ProxyAdditions, ProxyGroup, ProxyServer } from "../proxy-additions.ts";
import type { Directive } from "./parse-nginx.ts";
import { Scope } from "./scope.ts";

interface UpstreamServer extends Omit<ProxyServer, "address" | "tls"> {
  /** As it is written: `host:port`, or a host alone. */
  readonly text: string;
}

interface Upstream {
  readonly servers: readonly UpstreamServer[];
  readonly balance: ProxyGroup["balance"];
}

export type Upstreams = ReadonlyMap<string, Upstream>;

export function readUpstreams(scope: Scope, found: ProxyAdditions): Upstreams {
  const upstreams = new Map<string, Upstream>();
  for (const directive of scope.all("upstream")) {
    const inner = new Scope(directive, null);
    const servers = inner.all("server").flatMap((one) => readServer(one, found));
    for (const { name, line } of inner.others(["server", "least_conn", "zone"])) {
      const other = /^(ip_hash|hash|random|least_time)$/.test(name);
      if (other) found.skip(`line ${line}`, `${name}: the servers take turns instead.`);
      else found.unused(/^[a-z_]{1,60}$/.test(name) ? name : "a directive", line);
    }
    const balance = inner.own("least_conn") ? "least-connections" : "round-robin";
    upstreams.set(directive.words[0] ?? "", { servers, balance });
  }
  return upstreams;
}

function readServer({ words, line }: Directive, found: ProxyAdditions): readonly UpstreamServer[] {
  const [text = "", ...options] = words;
  if (text.startsWith("unix:")) {
    found.skip(`line ${line}`, "server: is a Unix socket, which Shunt does not lead to.");
    return [];
  }
  const weight = /^weight=(\d{1,6})$/.exec(options.find((one) => one.startsWith("weight=")) ?? "")?.[1];
  for (const option of options) {
    const [name = ""] = option.split("=");
    const isKnown = ["weight", "backup", "down", "max_fails", "fail_timeout"].includes(name);
    if (!isKnown)
      found.unused(`the ${/^[a-z_]{1,30}$/.test(name) ? name : "further"} option of server`, line);
  }
  return [
    {
      text,
      weight: Number(weight ?? 1),
      isBackup: options.includes("backup"),
      isDown: options.includes("down"),
    },
  ];
}

interface GroupOptions {
  readonly upstreams: Upstreams;
  readonly tls: BackendTls | null;
  /** For addresses without a port; null where they need one. */
  readonly defaultPort: number | null;
}

/** What `name` or `host:port` leads to, or why it cannot be said. */
export function groupAt(to: string, { upstreams, tls, defaultPort }: GroupOptions): ProxyGroup | string {
  if (to.includes("$")) return "leads where a variable says.";
  if (to.startsWith("unix:")) return "leads to a Unix socket, which Shunt does not.";
  const upstream = upstreams.get(to) ?? {
    servers: [{ text: to, weight: 1, isBackup: false, isDown: false }],
    balance: "round-robin" as const,
  };
  const servers: ProxyServer[] = [];
  for (const { text, ...server } of upstream.servers) {
    const address = addressOf(text, defaultPort);
    if (!address) return "leads to an address that is neither host:port nor an upstream of this file.";
    servers.push({ ...server, address, tls });
  }
  const [first] = servers;
  if (!first) return "leads to an upstream without a server that Shunt could use.";
  const name = upstreams.has(to) ? to : formatHostPort(first.address);
  return { name, servers, balance: upstream.balance, kind: null };
}

function addressOf(text: string, defaultPort: number | null): HostPort | null {
  return parseHostPort(text) ?? (defaultPort === null ? null : parseHostPort(`${text}:${defaultPort}`));
}
