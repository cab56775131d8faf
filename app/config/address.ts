/** Addresses as the configuration writes them: `host:port`, `[v6]:port`, a port alone, and endpoint URLs. */
import { isIP } from "node:net";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const hostName =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})?)*\.?$/;
const dottedDigits = /^[\d.]+$/;

function parsePort(text: string): number | null {
  if (!/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : null;
}

function isHost(text: string): boolean {
  // `127.1` and `1234` would be read as addresses by some resolvers and as names by others: neither is accepted.
  if (dottedDigits.test(text)) return isIP(text) === 4;
  return hostName.test(text);
}

/** One address has one form: `0:0:0:0:0:0:0:1` and `::1` are the same listener. */
function shortestV6(host: string): string {
  return new URL(`http://[${host}]`).hostname.slice(1, -1);
}

/** Reads `host:port` or `[v6]:port`; null for anything else. */
export function parseHostPort(text: string): HostPort | null {
  const bracketed = /^\[([0-9A-Fa-f:.]+)\]:(\d+)$/.exec(text);
  if (bracketed) {
    const [, host = "", portText = ""] = bracketed;
    const port = parsePort(portText);
    return port !== null && isIP(host) === 6 ? { host: shortestV6(host), port } : null;
  }
  const colon = text.indexOf(":");
  if (colon < 1 || text.includes(":", colon + 1)) return null;
  const host = text.slice(0, colon);
  const port = parsePort(text.slice(colon + 1));
  return port !== null && isHost(host) ? { host, port } : null;
}

/** Writes an address so that `parseHostPort` reads it back. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A listen address in its one normal form: a port alone means `localhost`. Null if unreadable. */
export function parseListen(text: string): HostPort | null {
  const port = parsePort(text);
  if (port !== null) return { host: "localhost", port };
  const parsed = parseHostPort(text);
  if (!parsed) return null;
  return parsed.host.toLowerCase() === "localhost" ? { ...parsed, host: "localhost" } : parsed;
}

/**
 * The addresses that a listen host binds: `localhost` has one of each family, since clients try either, and whoever had the
 * other one would get their log-ons.
 */
export function boundHosts(host: string): readonly string[] {
  return host === "localhost" ? ["127.0.0.1", "::1"] : [host];
}

/** `::` takes IPv4 too; `0.0.0.0` leaves IPv6 addresses alone. */
function takes(host: string, other: string): boolean {
  return host === other || host === "::" || (host === "0.0.0.0" && !other.includes(":"));
}

/** True where two listen addresses have a socket's address in common. */
export function listensOverlap(one: HostPort, other: HostPort): boolean {
  if (one.port !== other.port) return false;
  return boundHosts(one.host).some((a) => boundHosts(other.host).some((b) => takes(a, b) || takes(b, a)));
}

/** True for 127.0.0.0/8, ::1 (also as a mapped address) and `localhost`. */
export function isLoopback(host: string): boolean {
  const plain = host.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (/^::ffff:7f[\da-f]{2}:/.test(plain)) return true;
  return plain === "localhost" || plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

/** True for the addresses that mean "every interface". */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

export interface EndpointAddress extends HostPort {
  /** The scheme says TLS: `tcps`, `wss`, `https`. */
  readonly tls: boolean;
  /** The host exactly as the configuration writes it, for Host headers. */
  readonly authority: string;
}

const schemes = {
  amps: { tcp: false, tcps: true },
  websocket: { ws: false, wss: true },
  admin: { http: false, https: true },
  replication: { tcp: false, tcps: true },
} as const satisfies Record<string, Record<string, boolean>>;

/** The schemes an endpoint kind may have, plain first. */
export function schemesOf(kind: keyof typeof schemes): readonly string[] {
  return Object.keys(schemes[kind]);
}

/** Reads an endpoint URL: scheme and `host:port`, nothing behind it but an optional slash. Null if unreadable. */
export function parseEndpoint(kind: keyof typeof schemes, url: string): EndpointAddress | null {
  const match = /^([a-z]+):\/\/([^/?#@\s]+)\/?$/.exec(url);
  if (!match) return null;
  const [, scheme = "", authority = ""] = match;
  const known: Readonly<Record<string, boolean>> = schemes[kind];
  const address = parseHostPort(authority);
  if (!Object.hasOwn(known, scheme) || !address) return null;
  return { ...address, tls: known[scheme] === true, authority };
}

/** An SSH server's address: `host:port`, or a host alone, whose port ~/.ssh/config may say. Null if unreadable. */
export function parseSshAddress(
  text: string,
): { readonly host: string; readonly port: number | null } | null {
  const whole = parseHostPort(text);
  if (whole) return whole;
  if (isHost(text)) return { host: text, port: null };
  const bracketed = /^\[([0-9A-Fa-f:.]+)\]$/.exec(text)?.[1] ?? "";
  return isIP(bracketed) === 6 ? { host: shortestV6(bracketed), port: null } : null;
}
