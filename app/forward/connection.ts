/** One connection in the book. What of it may change says so: most of thousands are quiet, and need not be looked at. */
import type { SeenRole } from "../amps/client-role.ts";
import type { LogonFacts } from "../amps/header.ts";
import type { ConnectionKind, ConnectionStatus } from "../contract/snapshot.ts";
import { ByteCounter, type CounterOwner } from "./byte-counter.ts";
import type { Link } from "./chain.ts";
import type { Changeable, ChangedMembers } from "./changed-members.ts";

export interface NewConnection {
  readonly route: string;
  readonly kind: ConnectionKind;
  readonly client: string;
  readonly cut: () => void;
}

/** What all connections of a book have in common. */
export interface Book {
  readonly changed: ChangedMembers<Connection>;
  /** Something small has happened, which something else may follow soon. */
  stirred: () => void;
}

/** Larger ones are bulk: what is to follow may gather. */
const smallBytes = 8 * 1024;

export class Connection implements Changeable, CounterOwner {
  /** Ids are `c1`, `c2` … in the order in which clients came. */
  readonly serial: number;
  readonly id: string;
  readonly route: string;
  readonly client: string;
  /** When it was accepted, in milliseconds since 1970. */
  readonly sinceMs = Date.now();
  readonly bytes: ByteCounter;
  /** Ends it with a reset on both sides. */
  cut: () => void;
  /** When a backend took it, in milliseconds; 0 until then. */
  placedMs = 0;
  /** Its place among the open ones. */
  link: Link<Connection> | null = null;
  changedAt = -1;
  /** Somebody has been shown it, and is to hear of its end. */
  isListed = false;
  /** Its bytes are counted by who does not say when: they are read at each look. */
  isSampled = false;
  /** What of its bytes is in the totals. */
  countedToBackend = 0;
  countedToClient = 0;
  readonly #book: Book;
  #kind: ConnectionKind;
  #backend: string | null = null;
  #why = "";
  #state: ConnectionStatus["state"] = "connecting";
  #logon: LogonFacts | null = null;
  #role: SeenRole | null = null;

  constructor(serial: number, { route, kind, client, cut }: NewConnection, book: Book) {
    this.serial = serial;
    this.id = `c${serial}`;
    this.route = route;
    this.client = client;
    this.cut = cut;
    this.#kind = kind;
    this.#book = book;
    this.bytes = new ByteCounter(this);
  }

  /** It has not ended. */
  get isOpen(): boolean {
    return this.link?.isIn === true;
  }

  /** Something of it is other than at the last look. */
  change(): void {
    if (this.isOpen) this.#book.changed.add(this);
  }

  moved(bytes: number): void {
    if (bytes <= smallBytes) this.#book.stirred();
    this.change();
  }

  /** Null until a backend has taken it. */
  get backend(): string | null {
    return this.#backend;
  }

  get why(): string {
    return this.#why;
  }

  place(backend: string, why: string): void {
    this.#backend = backend;
    this.#why = why;
    this.placedMs = Date.now();
    this.state = "open";
  }

  get kind(): ConnectionKind {
    return this.#kind;
  }

  set kind(kind: ConnectionKind) {
    this.#kind = kind;
    this.change();
  }

  get state(): ConnectionStatus["state"] {
    return this.#state;
  }

  set state(state: ConnectionStatus["state"]) {
    this.#state = state;
    this.change();
  }

  get logon(): LogonFacts | null {
    return this.#logon;
  }

  set logon(logon: LogonFacts | null) {
    this.#logon = logon;
    this.change();
  }

  /** The strictest thing it was seen to do; null where it is not watched, or has done nothing yet. */
  get role(): SeenRole | null {
    return this.#role;
  }

  set role(role: SeenRole | null) {
    this.#role = role;
    this.change();
  }
}
