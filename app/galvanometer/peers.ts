/** Which instances replication statistics name, and by which admin addresses (amps-facts 4.2, 5.1). Pure. */
import type { HostPort } from "../config/address.ts";
import { parseAuthority } from "./authority.ts";

/** One instance as another one's statistics name it. */
export interface Peer {
  /** `destination_name`; empty where the row has none. */
  readonly name: string;
  /** As recorded, made one spelling: what a page that polls the peer asks for. */
  readonly address: HostPort;
  /** Null where the record has no scheme. */
  readonly tls: boolean | null;
  /** The host of the instance that says so, for addresses such as `localhost:8085`, which mean its own machine. */
  readonly namedBy: HostPort;
}

const mostPeers = 64;

/** Reads `/amps/instance/replication.json`, or any document that holds such rows. Lenient: what is unreadable is left out. */
export function readPeers(document: unknown, namedBy: HostPort): readonly Peer[] {
  const rows = new Map<string, Peer>();
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > 8 || rows.size >= mostPeers) return;
    const recorded = (value as Record<string, unknown>)["destination_admin_addr"];
    const peer = typeof recorded === "string" ? readAddress(recorded) : null;
    if (peer) {
      const name = (value as Record<string, unknown>)["destination_name"];
      rows.set(`${peer.address.host} ${peer.address.port}`, {
        name: typeof name === "string" ? name.slice(0, 255) : "",
        ...peer,
        namedBy,
      });
    }
    for (const inner of Object.values(value)) visit(inner, depth + 1);
  };
  visit(document, 0);
  return [...rows.values()];
}

/** `host:port`, `[v6]:port`, or a whole URL. */
function readAddress(recorded: string): Pick<Peer, "address" | "tls"> | null {
  const match = /^(?:(https?):\/\/)?([^/?#@\s]+)\/?$/i.exec(recorded.trim());
  if (!match) return null;
  const scheme = match[1]?.toLowerCase();
  const address = parseAuthority(match[2] ?? "", scheme === undefined ? null : scheme === "https" ? 443 : 80);
  return address && { address, tls: scheme === undefined ? null : scheme === "https" };
}
