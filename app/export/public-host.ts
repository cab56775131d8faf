/** The name under which clients reach the machine that runs an export. */
import { isIP } from "node:net";
import { formatHostPort, parseHostPort } from "../config/address.ts";

/** A host name, an IPv4 address, or an IPv6 address without brackets; no port. */
export function isPublicHost(text: string): boolean {
  if (text.includes(":") && isIP(text) !== 6) return false;
  return parseHostPort(formatHostPort({ host: text, port: 1 })) !== null;
}
