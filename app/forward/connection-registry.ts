/** Every open connection, and what has been counted per route and backend. Counters are true while connections are open. */
import type { ByteCounts, ConnectionCounts } from "../contract/snapshot.ts";
import { Chain } from "./chain.ts";
import { ChangedMembers } from "./changed-members.ts";
import { Connection, type Book, type NewConnection } from "./connection.ts";

interface RunningBytes {
  toBackend: number;
  toClient: number;
}

interface Tally {
  open: number;
  total: number;
  refused: number;
  /** Of open connections as of the last look. */
  readonly bytes: RunningBytes;
}

export interface Totals {
  readonly connections: ConnectionCounts;
  readonly bytes: ByteCounts;
}

/** What is other than when it was last asked. */
export interface ConnectionNews {
  /** Open ones that are new or have changed, in no order. */
  readonly changed: readonly Connection[];
  /** Serials of those that had been told of and have ended. */
  readonly ended: readonly number[];
}

/** So many connections, with so many bytes together. */
export interface Visits extends ByteCounts {
  readonly count: number;
}

export const noTotals: Totals = {
  connections: { open: 0, total: 0, refused: 0 },
  bytes: { toBackend: 0, toClient: 0 },
};

export class ConnectionRegistry {
  readonly #open = new Chain<Connection>();
  readonly #routes = new Map<string, Tally>();
  readonly #backends = new Map<string, Tally>();
  readonly #samples = new Map<string, { readonly atMs: number; placed: number }>();
  readonly #whenIdle = new Set<() => void>();
  readonly #book: Book = { changed: new ChangedMembers<Connection>(), stirred: () => undefined };
  #ended: number[] = [];
  #minted = 0;
  #onLook = (): void => undefined;

  /** `look`: gets into the book what has happened where JavaScript does not see it. */
  onLook(look: () => void): void {
    this.#onLook = look;
  }

  /** `stirred`: hears of everything small that happens, as it happens. */
  onStir(stirred: () => void): void {
    this.#book.stirred = stirred;
  }

  /** A client was accepted; nothing has taken it yet. */
  begin(client: NewConnection): Connection {
    this.#book.stirred();
    const connection = new Connection(++this.#minted, client, this.#book);
    connection.link = this.#open.add(connection);
    this.#tally(this.#routes, connection.route).open++;
    connection.change();
    return connection;
  }

  /** A backend took it: from now on it counts in the totals. */
  establish(connection: Connection, backend: string, why: string): void {
    this.#book.stirred();
    connection.place(backend, why);
    this.#tally(this.#routes, connection.route).total++;
    const tally = this.#tally(this.#backends, backend);
    tally.total++;
    tally.open++;
    const sample = this.#samples.get(backend);
    if (sample) sample.placed++;
  }

  /** It is over; its bytes stay in the totals. Safe to call twice. */
  end(connection: Connection): void {
    if (!connection.link || !this.#open.remove(connection.link)) return;
    this.#book.stirred();
    this.#book.changed.remove(connection);
    if (connection.isListed) this.#ended.push(connection.serial);
    this.#tally(this.#routes, connection.route).open--;
    const { backend } = connection;
    if (backend !== null) {
      this.#count(connection, backend);
      this.#tally(this.#backends, backend).open--;
      const sample = this.#samples.get(backend);
      if (sample && connection.placedMs >= sample.atMs) sample.placed--;
    }
    if (this.#open.size === 0) this.#tellIdle();
  }

  /** Connections that were over before anybody heard of them. */
  noteVisits(route: string, backend: string, visits: Visits): void {
    this.#minted += visits.count;
    for (const tally of [this.#tally(this.#routes, route), this.#tally(this.#backends, backend)]) {
      tally.total += visits.count;
      addBytes(tally, visits);
    }
  }

  /** A client was turned away; ends the connection where one had begun. */
  refuse(route: string, connection?: Connection): void {
    this.#tally(this.#routes, route).refused++;
    if (connection) this.end(connection);
  }

  get(id: string): Connection | undefined {
    for (const connection of this.#open) if (connection.id === id) return connection;
    return undefined;
  }

  openOn(backend: string): number {
    return this.#backends.get(backend)?.open ?? 0;
  }

  /** A backend's statistics were taken at that time: `placedSince` counts from there. */
  noteSample(backend: string, atMs: number): void {
    let placed = 0;
    for (const open of this.#open) if (open.backend === backend && open.placedMs >= atMs) placed++;
    this.#samples.set(backend, { atMs, placed });
  }

  /** Open connections that a backend took since its statistics were taken. */
  placedSince(backend: string): number {
    return this.#samples.get(backend)?.placed ?? 0;
  }

  openOfRoute(route: string): readonly Connection[] {
    const found: Connection[] = [];
    for (const connection of this.#open) if (connection.route === route) found.push(connection);
    return found;
  }

  /** Names of the AMPS clients that are connected, or about to be. */
  ampsClients(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { logon } of this.#open) if (logon?.ampsClient) names.add(logon.ampsClient);
    return names;
  }

  all(): Iterable<Connection> {
    return this.#open;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Counts what has passed until now: totals and news are as of the last look. */
  look(): void {
    this.#onLook();
    for (const connection of this.#book.changed)
      if (connection.backend !== null) this.#count(connection, connection.backend);
  }

  /** Totals of every route and backend that ever had a connection. */
  totals(): { readonly routes: ReadonlyMap<string, Totals>; readonly backends: ReadonlyMap<string, Totals> } {
    return { routes: copyTotals(this.#routes), backends: copyTotals(this.#backends) };
  }

  /** For one reader: each change is told once. */
  news(): ConnectionNews {
    const changed = this.#book.changed.take();
    for (const connection of changed) {
      connection.isListed = true;
      if (connection.isSampled) connection.change();
    }
    const ended = this.#ended;
    this.#ended = [];
    return { changed, ended };
  }

  /** What has passed since it was last counted gets into the totals. */
  #count(connection: Connection, backend: string): void {
    const { toBackend, toClient } = connection.bytes;
    const more = {
      toBackend: toBackend - connection.countedToBackend,
      toClient: toClient - connection.countedToClient,
    };
    connection.countedToBackend = toBackend;
    connection.countedToClient = toClient;
    addBytes(this.#tally(this.#routes, connection.route), more);
    addBytes(this.#tally(this.#backends, backend), more);
  }

  /** Forgets the tallies of routes and backends that no longer exist. */
  forget(keepRoute: (id: string) => boolean, keepBackend: (id: string) => boolean): void {
    for (const id of this.#routes.keys()) if (!keepRoute(id)) this.#routes.delete(id);
    for (const tallies of [this.#backends, this.#samples])
      for (const id of tallies.keys()) if (!keepBackend(id)) tallies.delete(id);
  }

  /** Resolves when no connection is open. */
  idle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.add(resolve));
  }

  #tellIdle(): void {
    for (const resolve of this.#whenIdle) resolve();
    this.#whenIdle.clear();
  }

  #tally(tallies: Map<string, Tally>, id: string): Tally {
    let tally = tallies.get(id);
    if (!tally)
      tallies.set(id, (tally = { open: 0, total: 0, refused: 0, bytes: { toBackend: 0, toClient: 0 } }));
    return tally;
  }
}

function addBytes({ bytes }: Tally, { toBackend, toClient }: ByteCounts): void {
  bytes.toBackend += toBackend;
  bytes.toClient += toClient;
}

function copyTotals(tallies: ReadonlyMap<string, Tally>): Map<string, Totals> {
  const totals = new Map<string, Totals>();
  for (const [id, { open, total, refused, bytes }] of tallies) {
    const { toBackend, toClient } = bytes;
    totals.set(id, { connections: { open, total, refused }, bytes: { toBackend, toClient } });
  }
  return totals;
}
