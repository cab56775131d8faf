/** Which connections are listed, and in which order. */
import type { ConnectionStatus } from "../../../app/contract/snapshot.ts";
import { natural } from "../design/natural-order.ts";
import type { Subject } from "../subjects/subject.ts";

export type ConnectionSortKey =
  "ampsClient" | "user" | "kind" | "client" | "route" | "backend" | "since" | "toClient" | "toBackend";

export interface ConnectionOrder {
  readonly key: ConnectionSortKey;
  readonly descending: boolean;
}

/** Those of one route or backend (null: of all) in which every word of the text is found. */
export function filterConnections(
  connections: readonly ConnectionStatus[],
  of: Subject | null,
  text: string,
): readonly ConnectionStatus[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return connections.filter((connection) => {
    if (of !== null && (of.kind === "route" ? connection.route : connection.backend) !== of.id) return false;
    if (words.length === 0) return true;
    const { ampsClient, user, kind, client, backend, messageType, clientVersion, state, why, role } =
      connection;
    const where = [
      ampsClient,
      user,
      kind,
      client,
      connection.route,
      backend,
      messageType,
      clientVersion,
      state,
      why,
      role,
    ];
    const haystack = where.join(" ").toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/** Sorted by one figure; what a connection does not have comes last, and equal ones keep the order of their ids. */
export function sortConnections(
  connections: readonly ConnectionStatus[],
  { key, descending }: ConnectionOrder,
): readonly ConnectionStatus[] {
  const sign = descending ? -1 : 1;
  // Read once a row, not once a comparison: thousands are sorted four times a second.
  const keyed = connections.map((row) => ({ row, value: valueOf(row, key) }));
  keyed.sort((a, b) => {
    const [left, right] = [a.value, b.value];
    if (left === null || right === null) {
      if (left !== right) return left === null ? 1 : -1;
    } else if (left !== right) {
      const order =
        typeof left === "number" ? left - (right as number) : compareTexts(key, left, right as string);
      if (order !== 0) return sign * order;
    }
    return compareIds(a.row.id, b.row.id);
  });
  return keyed.map(({ row }) => row);
}

/** Times are all written in one form. */
function compareTexts(key: ConnectionSortKey, a: string, b: string): number {
  if (key !== "since") return natural(a, b);
  return a < b ? -1 : 1;
}

/** `c9` before `c41`: they are counted up. */
function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

function valueOf(connection: ConnectionStatus, key: ConnectionSortKey): string | number | null {
  switch (key) {
    case "toClient":
      return connection.bytes.toClient;
    case "toBackend":
      return connection.bytes.toBackend;
    default:
      return connection[key];
  }
}
