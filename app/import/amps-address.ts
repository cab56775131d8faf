/** The addresses of an AMPS configuration: `9007`, `0.0.0.0:9007`, `[::]:9007`, `host:port` (amps-facts 1.1). Pure. */
import { isLoopback, isWildcard, parseHostPort, parseListen, type HostPort } from "../config/address.ts";

export interface AmpsPlace {
  /** Where the file came from; null where nobody said so. */
  readonly host: string | null;
  /** Shunt reaches the host through a tunnel. */
  readonly tunneled: boolean;
}

type AmpsAddress =
  | { readonly is: "address"; readonly address: HostPort; readonly note: string | null }
  | { readonly is: "unusable"; readonly why: string };

const unusable = (why: string): AmpsAddress => ({ is: "unusable", why });

const hostNeeded = "listens on every address of its host: say which host the file came from";

/** Where a listening transport can be reached. */
export function listeningAddress(text: string | undefined, place: AmpsPlace): AmpsAddress {
  if (text === undefined) return unusable("has no InetAddr");
  if (hasVariable(text))
    return unusable("has an environment variable or entity in its InetAddr, whose value is not known here");
  const address = parseListen(text.replace(/^\*?:(?=\d+$)/, ""));
  const isEvery = /^\*?:?\d+$/.test(text) || (address !== null && isWildcard(address.host));
  if (!address) return unusable("has an InetAddr that is not host:port");
  if (isEvery) {
    if (place.host === null) return unusable(hostNeeded);
    return { is: "address", address: { host: place.host, port: address.port }, note: null };
  }
  const isElsewhere =
    isLoopback(address.host) && !place.tunneled && (place.host === null || !isLoopback(place.host));
  return {
    is: "address",
    address,
    note: isElsewhere
      ? `It listens on ${address.host} of its own host only: it can be reached from there, or through a tunnel that ends there.`
      : null,
  };
}

/** Where a destination is: it names a host, since AMPS itself goes there. */
export function remoteAddress(text: string): AmpsAddress {
  if (hasVariable(text))
    return unusable("has an environment variable or entity in its InetAddr, whose value is not known here");
  const address = parseHostPort(text);
  if (!address) return unusable("has an InetAddr that is not host:port");
  return { is: "address", address, note: null };
}

/** Part of it stands elsewhere: in the environment (as Shunt's own placeholders do) or in an entity. */
export function hasVariable(text: string): boolean {
  return /\$[({]|%\{|&#?\w+;/.test(text);
}
