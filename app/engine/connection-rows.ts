/** The rows of all open connections, in the order in which they came. Only those that have changed are made anew. */
import type { ConnectionStatus } from "../contract/snapshot.ts";
import type { Connection } from "../forward/connection.ts";
import type { ConnectionRegistry } from "../forward/connection-registry.ts";

export class ConnectionRows {
  readonly #registry: ConnectionRegistry;
  #rows: readonly ConnectionStatus[] = [];
  /** Of each row: rising, so that a row is found by it. */
  #serials: readonly number[] = [];
  /** Whether every open connection that has been told of has its row. */
  #isWhole = true;

  constructor(registry: ConnectionRegistry) {
    this.#registry = registry;
  }

  /** The rows as of now: the same array where nothing has changed. */
  update(): readonly ConnectionStatus[] {
    const { changed, ended } = this.#registry.news();
    if (!this.#isWhole) {
      this.#isWhole = true;
      this.#set([...this.#registry.all()]);
      return this.#rows;
    }
    if (ended.length > 0) this.#remove(new Set(ended));
    if (changed.length > 0) this.#set(changed);
    return this.#rows;
  }

  /** Nobody lists them: what has changed is passed over, and all rows are made anew when somebody does. */
  pass(): void {
    this.#registry.news();
    this.#isWhole = false;
    [this.#rows, this.#serials] = [[], []];
  }

  #remove(ended: ReadonlySet<number>): void {
    const serials = this.#serials;
    this.#rows = this.#rows.filter((_row, at) => !ended.has(serials[at] ?? 0));
    this.#serials = serials.filter((serial) => !ended.has(serial));
  }

  #set(changed: readonly Connection[]): void {
    const [rows, serials] = [this.#rows.slice(), this.#serials.slice()];
    const added: Connection[] = [];
    for (const connection of changed) {
      const at = placeOf(serials, connection.serial);
      const known = rows[at];
      if (known && serials[at] === connection.serial) rows[at] = rowOf(connection, known.since);
      else added.push(connection);
    }
    // Who has no row yet has come after all that have one.
    added.sort((one, other) => one.serial - other.serial);
    for (const connection of added) {
      rows.push(rowOf(connection, new Date(connection.sinceMs).toISOString()));
      serials.push(connection.serial);
    }
    this.#rows = rows;
    this.#serials = serials;
  }
}

/** Where a serial is, or would be, in rising ones. */
function placeOf(serials: readonly number[], serial: number): number {
  let [from, to] = [0, serials.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((serials[middle] ?? 0) < serial) from = middle + 1;
    else to = middle;
  }
  return from;
}

function rowOf(connection: Connection, since: string): ConnectionStatus {
  const { id, route, backend, kind, client, logon, role, why, state, bytes } = connection;
  return {
    id,
    route,
    backend: backend ?? "",
    kind,
    client,
    since,
    ampsClient: logon?.ampsClient ?? null,
    user: logon?.user ?? null,
    clientVersion: logon?.clientVersion ?? null,
    messageType: logon?.messageType ?? null,
    role,
    why,
    state,
    bytes: { toBackend: bytes.toBackend, toClient: bytes.toClient },
  };
}
