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

/** What a connection is sorted by, and where it is in the list that is not sorted. */
interface SortKey {
  readonly id: string;
  readonly value: string | number | null;
  readonly place: number;
}

export interface Sorting {
  readonly order: ConnectionOrder;
  readonly keys: readonly SortKey[];
  readonly sorted: readonly SortKey[];
}

/**
 * Sorted by one figure; what a connection does not have comes last, and equal ones keep the order of their ids. Thousands are
 * listed anew four times a second: it is the known sorting where nothing that it depends on is another.
 */
export function sortConnections(
  connections: readonly ConnectionStatus[],
  order: ConnectionOrder,
  known: Sorting | null = null,
): Sorting {
  if (known?.order === order && isStill(known, connections)) return known;
  const keys = connections.map((row, place) => ({ id: row.id, value: valueOf(row, order.key), place }));
  const sign = order.descending ? -1 : 1;
  const sorted = [...keys].sort((a, b) => {
    const [left, right] = [a.value, b.value];
    if (left === null || right === null) {
      if (left !== right) return left === null ? 1 : -1;
    } else if (left !== right) {
      const difference =
        typeof left === "number" ? left - (right as number) : compareTexts(order.key, left, right as string);
      if (difference !== 0) return sign * difference;
    }
    return compareIds(a.id, b.id);
  });
  return { order, keys, sorted };
}

/** The connections of that list, or of one whose sorting is the same. */
export function sortedRows(
  connections: readonly ConnectionStatus[],
  { sorted }: Sorting,
): readonly ConnectionStatus[] {
  return sorted.map(({ place }) => connections[place] as ConnectionStatus);
}

function isStill({ order, keys }: Sorting, connections: readonly ConnectionStatus[]): boolean {
  const isSame = (row: ConnectionStatus, key: SortKey | undefined): boolean =>
    key?.id === row.id && key.value === valueOf(row, order.key);
  return keys.length === connections.length && connections.every((row, place) => isSame(row, keys[place]));
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
