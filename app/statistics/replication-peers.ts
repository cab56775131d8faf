/** Which pool member a replication row leads to: by instance name, else by admin address; what is ambiguous is nobody (amps-facts 6.2). */
import { parseEndpoint, parseHostPort, formatHostPort } from "../config/address.ts";
import type { LinkReading } from "../guard/link-knowledge.ts";
import type { ReplicationRow } from "./documents.ts";

export interface Peer {
  readonly id: string;
  /** The instance's own name, as it says itself or as configured. */
  readonly name: string;
  /** The admin endpoint's URL as configured. */
  readonly admin: string | undefined;
}

const unknownLink: LinkReading = {
  type: "unknown",
  connected: null,
  secondsBehind: null,
  typeAtConnect: null,
};

/** What one instance's rows say of each peer; `none` where they name no link to it. */
export function readLinks(
  rows: readonly ReplicationRow[],
  peers: readonly Peer[],
): ReadonlyMap<string, LinkReading | "none"> {
  const owners = rows.map((row) => peersOf(row, peers));
  // A destination that is nobody's name or address may be anybody's.
  const strange = owners.some((ids) => ids.length === 0);
  return new Map(
    peers.map((peer) => {
      const own = rows.filter((_row, at) => owners[at]?.includes(peer.id));
      const [row] = own;
      if (!row) return [peer.id, strange ? unknownLink : "none"] as const;
      const isClear = own.length === 1 && owners[rows.indexOf(row)]?.length === 1;
      return [peer.id, isClear ? toReading(row) : unknownLink] as const;
    }),
  );
}

/** One member where name and address agree; more than one where they do not, or where two members answer to the name. */
function peersOf(row: ReplicationRow, peers: readonly Peer[]): readonly string[] {
  const byName = peers.filter((peer) => row.destinationName !== null && peer.name === row.destinationName);
  const address = row.destinationAdmin === null ? null : authorityOf(row.destinationAdmin);
  const byAdmin = peers.filter(
    (peer) => address !== null && peer.admin !== undefined && authorityOf(peer.admin) === address,
  );
  const [named] = byName;
  // Behind tunnels several members may share an address, so it need only not speak against the name.
  if (named && byName.length === 1 && (byAdmin.length === 0 || byAdmin.includes(named))) return [named.id];
  return [...new Set([...byName, ...byAdmin].map((peer) => peer.id))];
}

function authorityOf(address: string): string | null {
  const url = parseEndpoint("admin", address);
  const found = url ?? parseHostPort(address.replace(/^https?:\/\//i, "").replace(/\/.*$/, ""));
  return found ? formatHostPort(found).toLowerCase() : null;
}

function toReading({ type, connected, secondsBehind, typeAtConnect }: ReplicationRow): LinkReading {
  return { type: type ?? "unknown", connected, secondsBehind, typeAtConnect };
}
