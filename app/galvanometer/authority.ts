/** Reads `host:port` as a request names it, in the one spelling in which it may be looked up. Pure. */
import { isIP } from "node:net";
import { formatHostPort, isLoopback, isWildcard, type HostPort } from "../config/address.ts";

const label = /^[a-z0-9_]([a-z0-9_-]{0,62})?$/;
/** What resolvers may read as a number: `127.1`, `0x7f000001`, `2130706433`. */
const numeric = /^(0x[0-9a-f]*|\d+)$/;

function isName(host: string): boolean {
  const labels = host.split(".");
  if (numeric.test(labels.at(-1) ?? "")) return isIP(host) === 4;
  return host.length <= 253 && labels.every((one) => label.test(one));
}

/** Strict: no user part, no trailing dot, no number but a dotted quad, brackets around IPv6 only. Null for the rest. */
export function parseAuthority(text: string, defaultPort: number | null): HostPort | null {
  const match = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::([1-9]\d{0,4}))?$/.exec(text);
  if (!match) return null;
  const [, v6, name = "", portText] = match;
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port === null || port > 65_535) return null;
  if (v6 !== undefined) {
    return isIP(v6) === 6 ? { host: new URL(`http://[${v6}]`).hostname.slice(1, -1), port } : null;
  }
  const host = name.toLowerCase();
  return isName(host) ? { host, port } : null;
}

/** The key of an address in an allow-list: lower case, without the dot that a configured name may end in. */
export function authorityKey({ host, port }: HostPort): string {
  return formatHostPort({ host: host.toLowerCase().replace(/\.$/, ""), port });
}

/** True for a host that means "the machine that says it": loopback, `localhost`, and the wildcards. */
export function isRelativeHost(host: string): boolean {
  return isLoopback(host) || isWildcard(host) || host.toLowerCase().endsWith(".localhost");
}
