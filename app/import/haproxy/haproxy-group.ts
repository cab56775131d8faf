/** The servers of a `backend` or `listen`, and how connections are shared among them. Pure. */
import type { BackendTls } from "../../contract/config.ts";
import { parseHostPort } from "../../config/address.ts";
import type { ProxyAdditions, ProxyGroup, ProxyServer } from "../proxy-additions.ts";
import type { Line } from "./parse-haproxy.ts";

/** Options of a server that have a value, and are read or are for checks that Shunt does in its own way. */
const valued = new Set([
  ...["weight", "ca-file", "verify", "verifyhost", "sni", "crt"],
  ...["addr", "port", "inter", "fastinter", "downinter", "fall", "rise", "check-sni", "check-alpn"],
  ...["agent-addr", "agent-port", "agent-inter", "agent-send"],
  ...[
    "maxconn",
    "minconn",
    "maxqueue",
    "cookie",
    "slowstart",
    "init-addr",
    "resolvers",
    "resolve-prefer",
    "id",
  ],
  ...["on-error", "on-marked-down", "on-marked-up", "observe", "error-limit", "source", "alpn", "ciphers"],
  ...["ciphersuites", "crl-file", "namespace", "proto", "track", "redir", "ssl-min-ver", "ssl-max-ver"],
]);
const understood =
  /^(weight|ca-file|verify|verifyhost|sni|crt|addr|port|inter|fastinter|downinter|fall|rise|check|check-.*|agent-.*|backup|disabled|ssl)$/;

/** `outer`: lines of the defaults. Null where no server could be used. */
export function readGroup(
  name: string,
  lines: readonly Line[],
  { outer, found }: { readonly outer: readonly Line[]; readonly found: ProxyAdditions },
): ProxyGroup | null {
  const common = [...outer, ...lines].flatMap(({ words }) =>
    words[0] === "default-server" ? words.slice(1) : [],
  );
  const servers = lines.flatMap((line) =>
    line.words[0] === "server" ? readServer(line, common, found) : [],
  );
  const balance = [...outer, ...lines].findLast(({ words }) => words[0] === "balance");
  const policy = balance?.words[1] ?? "roundrobin";
  if (balance && !/^(roundrobin|static-rr|leastconn)$/.test(policy))
    found.skip(
      `line ${balance.line}`,
      "balance: of this kind there is none; the servers take turns instead.",
    );
  if (servers.length === 0) return null;
  return { name, servers, balance: policy === "leastconn" ? "least-connections" : "round-robin", kind: null };
}

function readServer(
  { words, line }: Line,
  common: readonly string[],
  found: ProxyAdditions,
): readonly ProxyServer[] {
  const [, name = "", text = "", ...own] = words;
  const address = parseHostPort(text);
  if (!address) {
    found.skip(`line ${line}`, "server: its address is not host:port.");
    return [];
  }
  const options = readOptions([...common, ...own]);
  for (const option of options.keys())
    if (/^send-proxy/.test(option))
      found.skip(`line ${line}`, "server: expects the PROXY protocol, which Shunt does not send.");
    else if (!understood.test(option))
      found.unused(`an option of server (${/^[a-z0-9-]{1,30}$/.test(option) ? option : "further"})`, line);
  const weight = Number(options.get("weight") ?? 1);
  return [
    {
      name,
      address,
      weight: Number.isInteger(weight) && weight >= 0 ? weight : 1,
      isBackup: options.has("backup"),
      // With an agent, whoever answers there says when it may be used.
      isDown: options.has("disabled") && !options.has("agent-check"),
      tls: options.has("ssl") ? tlsOf(options) : null,
    },
  ];
}

function readOptions(words: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const option = words[at] as string;
    options.set(option, valued.has(option) ? (words[++at] ?? "") : "");
  }
  return options;
}

/** HAProxy verifies unless it is told not to. */
function tlsOf(options: ReadonlyMap<string, string>): BackendTls {
  const caFile = options.get("ca-file");
  const serverName = options.get("verifyhost") ?? /^str\((.+)\)$/.exec(options.get("sni") ?? "")?.[1];
  const crt = options.get("crt");
  const isUnverified = options.get("verify") === "none";
  return {
    ...(caFile !== undefined && caFile !== "@system-ca" && !isUnverified && { caFile }),
    ...(serverName !== undefined && serverName !== "" && { serverName }),
    ...(crt !== undefined && crt !== "" && { clientCertFile: crt, clientKeyFile: crt }),
    ...(isUnverified && { verify: false }),
  };
}
