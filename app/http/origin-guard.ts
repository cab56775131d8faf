/**
 * Who may speak to an HTTP listener. A web page of any site can make a browser connect to loopback, so requests are
 * accepted only under the listener's own names (DNS rebinding) and browser origins only from them (design section 8).
 */
import type { Failure } from "../contract/failures.ts";
import { isLoopback, isWildcard, type HostPort } from "../config/address.ts";
import { failure } from "../failures.ts";
import { ownAddresses } from "../own-addresses.ts";

export interface ListenerNames {
  readonly address: HostPort;
  /** The listener speaks TLS. */
  readonly secure: boolean;
  /** Names and origins that the operator added, and the Host names that routes match. */
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
}

interface BrowserHeaders {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which a page cannot forge. */
  readonly fetchSite: string | undefined;
  readonly fetchMode: string | undefined;
}

export interface SplitHost {
  /** Lower case, brackets removed. */
  readonly name: string;
  /** Null where the header has none. */
  readonly port: number | null;
}

/** Reads a Host header; null for anything that is not `name`, `name:port`, `[v6]` or `[v6]:port`. */
export function splitHost(header: string): SplitHost | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?))(?::(\d{1,5}))?$/.exec(
    header,
  );
  if (!match) return null;
  return {
    name: (match[1] ?? match[2] ?? "").toLowerCase(),
    port: match[4] === undefined ? null : Number(match[4]),
  };
}

/** True for the literal loopback spellings only: `127.1` or `0x7f.1` are refused although resolvers fold them. */
function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "::1" || (/^\d+\.\d+\.\d+\.\d+$/.test(name) && isLoopback(name));
}

function isOwnAddress(name: string, address: HostPort): boolean {
  if (name === address.host.toLowerCase()) return true;
  if (!isWildcard(address.host)) return false;
  return ownAddresses().some((one) => one.address.toLowerCase() === name);
}

function listed(host: SplitHost, port: number, hosts: readonly string[]): boolean {
  return hosts.some((entry) => {
    const known = splitHost(entry);
    return known !== null && known.name === host.name && (known.port ?? port) === (host.port ?? port);
  });
}

/** Why a Host header is refused, or null. */
export function hostProblem(header: string | undefined, names: ListenerNames): Failure | null {
  const host = header === undefined ? null : splitHost(header);
  if (!host) return failure("BAD_REQUEST", `The Host header ${quote(header)} is missing or cannot be read.`);
  const defaultPort = names.secure ? 443 : 80;
  if (listed(host, host.port ?? defaultPort, names.hosts)) return null;
  const own = isLoopbackName(host.name) || isOwnAddress(host.name, names.address);
  if (own && (host.port ?? defaultPort) === names.address.port) return null;
  return failure("FOREIGN_HOST", `The listener is not known as ${quote(header)}.`);
}

/** A route's own name below `.localhost`, on whatever port: the SQL page comes from one listener and asks another. */
function isOwnLocalName(host: SplitHost, hosts: readonly string[]): boolean {
  return host.name.endsWith(".localhost") && hosts.some((entry) => splitHost(entry)?.name === host.name);
}

/** Why a browser's Origin is refused, or null. Native clients send none. */
export function originProblem(origin: string | undefined, names: ListenerNames): Failure | null {
  if (origin === undefined || names.origins.includes(origin)) return null;
  const match = /^(https?):\/\/([^/]+)$/.exec(origin);
  const host = match ? splitHost(match[2] ?? "") : null;
  const defaultPort = match?.[1] === "https" ? 443 : 80;
  if (host && (isLoopbackName(host.name) || listed(host, host.port ?? defaultPort, names.hosts))) return null;
  if (host && isOwnLocalName(host, names.hosts)) return null;
  if (host && isOwnAddress(host.name, names.address) && (host.port ?? defaultPort) === names.address.port)
    return null;
  return failure("FOREIGN_ORIGIN", `A page of ${quote(origin)} tried to use this route.`);
}

/**
 * Why a request to an admin endpoint is refused as one that a foreign site caused, or null. A link followed from another
 * site may open a page that only reads; `harmless` says that the request is of that kind.
 */
export function crossSiteProblem(
  headers: BrowserHeaders,
  names: ListenerNames,
  harmless: boolean,
): Failure | null {
  const foreign = originProblem(headers.origin, names);
  if (foreign) return foreign;
  if (headers.origin !== undefined || headers.fetchSite !== "cross-site") return null;
  if (headers.fetchMode === "navigate" && harmless) return null;
  return failure("FOREIGN_ORIGIN", "A page of another site caused this request.");
}

function quote(value: string | undefined): string {
  return value === undefined ? "(none)" : JSON.stringify(value.slice(0, 120));
}
