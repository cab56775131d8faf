/** Every open connection, and what has been counted per route and backend. Counters are true while connections are open. */
import type { ByteCounts, ConnectionCounts, ConnectionKind, ConnectionStatus } from "../contract/snapshot.ts";
import type { SeenRole } from "../amps/client-role.ts";
import type { LogonFacts } from "../amps/header.ts";
import { ByteCounter } from "./byte-counter.ts";
import { Chain, type Link } from "./chain.ts";

export interface Connection {
  readonly id: string;
  readonly route: string;
  kind: ConnectionKind;
  readonly client: string;
  /** When it was accepted, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Null until a backend has taken it. */
  backend: string | null;
  /** When a backend took it, in milliseconds; 0 until then. */
  placedMs: number;
  why: string;
  state: ConnectionStatus["state"];
  logon: LogonFacts | null;
  /** The strictest thing it was seen to do; null where it is not watched, or has done nothing yet. */
  role: SeenRole | null;
  readonly bytes: ByteCounter;
  /** Ends it with a reset on both sides. */
  cut: () => void;
  /** Its place among the open ones. */
  link: Link<Connection> | null;
}

export interface NewConnection {
  readonly route: string;
  readonly kind: ConnectionKind;
  readonly client: string;
  readonly cut: () => void;
}

interface RunningBytes {
  toBackend: number;
  toClient: number;
}

interface Tally {
  total: number;
  refused: number;
  /** Of connections that have ended. */
  readonly bytes: RunningBytes;
}

export interface Totals {
  readonly connections: ConnectionCounts;
  readonly bytes: ByteCounts;
}

export class ConnectionRegistry {
  readonly #open = new Chain<Connection>();
  readonly #routes = new Map<string, Tally>();
  readonly #backends = new Map<string, Tally>();
  readonly #openPerBackend = new Map<string, number>();
  readonly #samples = new Map<string, { readonly atMs: number; placed: number }>();
  readonly #whenIdle = new Set<() => void>();
  #minted = 0;

  /** A client was accepted; nothing has taken it yet. */
  begin({ route, kind, client, cut }: NewConnection): Connection {
    // Written out here and wherever a connection passes: V8 copies a spread object thirty times as slowly.
    const connection: Connection = {
      route,
      kind,
      client,
      cut,
      id: `c${++this.#minted}`,
      sinceMs: Date.now(),
      backend: null,
      placedMs: 0,
      why: "",
      state: "connecting",
      logon: null,
      role: null,
      bytes: new ByteCounter(),
      link: null,
    };
    connection.link = this.#open.add(connection);
    return connection;
  }

  /** A backend took it: from now on it counts in the totals. */
  establish(connection: Connection, backend: string, why: string): void {
    connection.backend = backend;
    connection.placedMs = Date.now();
    connection.why = why;
    connection.state = "open";
    this.#tally(this.#routes, connection.route).total++;
    this.#tally(this.#backends, backend).total++;
    this.#openPerBackend.set(backend, this.openOn(backend) + 1);
    const sample = this.#samples.get(backend);
    if (sample) sample.placed++;
  }

  /** It is over; its bytes stay in the totals. Safe to call twice. */
  end(connection: Connection): void {
    if (!connection.link || !this.#open.remove(connection.link)) return;
    const { backend, bytes } = connection;
    if (backend !== null) {
      this.#openPerBackend.set(backend, this.openOn(backend) - 1);
      const sample = this.#samples.get(backend);
      if (sample && connection.placedMs >= sample.atMs) sample.placed--;
      addBytes(this.#tally(this.#routes, connection.route), bytes);
      addBytes(this.#tally(this.#backends, backend), bytes);
    }
    if (this.#open.size === 0) this.#tellIdle();
  }

  /** A connection that was over before anybody heard of it. */
  noteVisit(route: string, backend: string, bytes: ByteCounts): void {
    this.#minted++;
    for (const tally of [this.#tally(this.#routes, route), this.#tally(this.#backends, backend)]) {
      tally.total++;
      addBytes(tally, bytes);
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
    return this.#openPerBackend.get(backend) ?? 0;
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

  /** Totals of every route and backend that ever had a connection, in one pass over the open ones. */
  totals(): { readonly routes: ReadonlyMap<string, Totals>; readonly backends: ReadonlyMap<string, Totals> } {
    const routes = startTotals(this.#routes);
    const backends = startTotals(this.#backends);
    for (const { route, backend, bytes } of this.#open) {
      addOpen(routes, route, bytes);
      if (backend !== null) addOpen(backends, backend, bytes);
    }
    return { routes, backends };
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
    if (!tally) tallies.set(id, (tally = { total: 0, refused: 0, bytes: { toBackend: 0, toClient: 0 } }));
    return tally;
  }
}

function addBytes({ bytes }: Tally, { toBackend, toClient }: ByteCounts): void {
  bytes.toBackend += toBackend;
  bytes.toClient += toClient;
}

interface RunningTotals {
  connections: { open: number; total: number; refused: number };
  bytes: RunningBytes;
}

function startTotals(tallies: ReadonlyMap<string, Tally>): Map<string, RunningTotals> {
  const totals = new Map<string, RunningTotals>();
  for (const [id, { total, refused, bytes }] of tallies) {
    totals.set(id, { connections: { open: 0, total, refused }, bytes: { ...bytes } });
  }
  return totals;
}

function addOpen(totals: Map<string, RunningTotals>, id: string, bytes: ByteCounts): void {
  let entry = totals.get(id);
  if (!entry)
    totals.set(
      id,
      (entry = { connections: { open: 0, total: 0, refused: 0 }, bytes: { toBackend: 0, toClient: 0 } }),
    );
  entry.connections.open++;
  entry.bytes.toBackend += bytes.toBackend;
  entry.bytes.toClient += bytes.toClient;
}
