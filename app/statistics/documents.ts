/** What Shunt reads out of AMPS's admin documents (amps-facts 4.1, 4.2). Pure; null where a document does not say. */
import { field, readFlag, readNumber, readRows, readText, type Fields } from "./lenient.ts";

/** `{"amps":{"instance":{"pid":…}}}` at `instance`, `pid`; undefined where the envelope is not there. */
function within(document: unknown, group: "host" | "instance", name: string): unknown {
  return field(field(field(document, "amps"), group), name);
}

/** A leaf may come bare or as a collection of one row. */
export function leaf(document: unknown, ...path: readonly string[]): unknown {
  let value = field(field(document, "amps"), "instance");
  for (const name of path) value = field(Array.isArray(value) ? value[0] : value, name);
  return value;
}

function fraction(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** The share of all processors that is busy. */
export function readCpu(document: unknown): number | null {
  const rows = readRows(within(document, "host", "cpus") ?? within(document, "host", "cpu")) ?? [];
  const all = rows.find((row) => row["id"] === "all") ?? (rows.length === 1 ? rows[0] : undefined);
  const idle = readNumber(all?.["idle_percent"]);
  return idle === null ? null : fraction(1 - idle / 100);
}

/** The share of memory in use: only ratios, since the unit is not documented. */
export function readMemory(document: unknown): number | null {
  const memory = within(document, "host", "memory");
  const group = Array.isArray(memory) ? (memory[0] as unknown) : memory;
  const total = readNumber(field(group, "total"));
  if (total === null || total <= 0) return null;
  const inUse = readNumber(field(group, "in_use"));
  if (inUse !== null) return fraction(inUse / total);
  const available = readNumber(field(group, "available"));
  return available === null ? null : fraction(1 - available / total);
}

/** How many clients are connected; null for a document that is none of AMPS's. */
export function readClientCount(document: unknown): number | null {
  if (field(field(document, "amps"), "instance") === undefined) return null;
  return readRows(within(document, "instance", "clients"))?.length ?? null;
}

/** One outgoing replication link as its source tells it. */
export interface ReplicationRow {
  readonly destinationName: string | null;
  readonly destinationAdmin: string | null;
  /** What it is now; null where that is not said or is neither. */
  readonly type: "sync" | "async" | null;
  readonly connected: boolean | null;
  readonly secondsBehind: number | null;
  /** What the link was when it connected, from its client name `source!destination!sync!…`. */
  readonly typeAtConnect: "sync" | "async" | null;
}

/** The outgoing links; null where the document is not one of replication statistics. */
export function readReplication(document: unknown, ownName: string | null): readonly ReplicationRow[] | null {
  if (field(field(document, "amps"), "instance") === undefined) return null;
  const rows = readRows(within(document, "instance", "replication"));
  return rows?.filter((row) => isOutgoing(row, ownName)).map(toRow) ?? null;
}

/** A receiver's row knows nothing of how the source counts it (amps-facts 6.2), so it must not be taken for a link. */
function isOutgoing(row: Fields, ownName: string | null): boolean {
  const kind = readText(row["client_type"])?.toLowerCase() ?? "";
  if (/dest|incoming|inbound|server|target/.test(kind)) return false;
  return ownName === null || readText(row["destination_name"]) !== ownName;
}

function toRow(row: Fields): ReplicationRow {
  return {
    destinationName: readText(row["destination_name"]),
    destinationAdmin: readText(row["destination_admin_addr"]),
    type: readType(row["replication_type"]),
    connected: readFlag(row["is_connected"]),
    secondsBehind: readNumber(row["seconds_behind"]),
    typeAtConnect: readType(readText(row["client_name"])?.split("!")[2]),
  };
}

function readType(value: unknown): "sync" | "async" | null {
  const word = readText(value)?.toLowerCase();
  return word === "sync" || word === "async" ? word : null;
}
