/** One opened Galvanometer: its credential, what it may reach, and the connections that it has. */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, EndpointKind, ShuntConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import { isLoopback } from "../config/address.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import { refuse } from "../failures.ts";
import type { OpenTcp } from "../forward/open-tcp.ts";
import { makeAddressBook, type AddressBook, type AllowedTarget, type Place } from "./address-book.ts";
import { askInstance, configPath, parseDocument, replicationPath } from "./ask-statistics.ts";
import { authorityKey, isRelativeHost } from "./authority.ts";
import type { CarriedConnections, NewCarried } from "./carried.ts";
import { judgeRequest, refusedTarget, type Asked } from "./judge-request.ts";
import { readPeers, type Peer } from "./peers.ts";
import { hostOfPlace, reachPlace, type Reaching } from "./reach-place.ts";
import { readSqlTransport, type SqlTransport } from "./sql-transport.ts";

export interface ScopeNeeds {
  readonly openTcp: OpenTcp;
  readonly config: () => ShuntConfig;
  readonly instanceNames: () => ReadonlyMap<string, string>;
  readonly note: (note: ActivityNote) => void;
  readonly noteDial: (backend: string, kind: EndpointKind, failure: Failure | null) => void;
  readonly now: () => number;
  readonly carried: CarriedConnections;
}

const askAgainMs = 5_000;
const tellAgainMs = 60_000;
const mostAsked = 32;
const mostPeers = 256;

export class Scope {
  readonly id = randomUUID();
  readonly user = `galvanometer-${randomBytes(6).toString("hex")}`;
  readonly password = randomBytes(24).toString("base64url");
  readonly backend: string;
  /** See `Rights`. */
  readonly fenced: boolean;
  /** Everything that ends with the scope. */
  readonly sockets = new Set<Duplex>();
  readonly #hash: Buffer;
  readonly #needs: ScopeNeeds;
  readonly #peers = new Map<string, Peer>();
  readonly #told = new Map<string, number>();
  readonly #allowed = new Map<string, AllowedTarget>();
  #sql: SqlTransport | null = null;
  /** Grows with everything that is learnt or allowed. */
  #lore = 0;
  #unlockedUntilMs = 0;
  #mayBeLocal: boolean;
  #asking: Promise<void> | null = null;
  #askedAtMs = -Infinity;
  #book: { readonly config: ShuntConfig; readonly lore: number; readonly book: AddressBook } | null = null;

  constructor(backend: BackendConfig, fenced: boolean, needs: ScopeNeeds) {
    this.backend = backend.id;
    this.fenced = fenced;
    this.#needs = needs;
    this.#hash = digest(this.password);
    this.#mayBeLocal = isOnThisMachine(backend);
  }

  isPassword(given: string): boolean {
    return timingSafeEqual(digest(given), this.#hash);
  }

  /** Null once the backend is gone from the configuration. */
  #opened(): BackendConfig | null {
    return this.#needs.config().backends.find((backend) => backend.id === this.backend) ?? null;
  }

  book(): AddressBook | null {
    const opened = this.#opened();
    if (!opened) return null;
    const config = this.#needs.config();
    if (this.#book?.config === config && this.#book.lore === this.#lore) return this.#book.book;
    const book = makeAddressBook({
      opened,
      backends: config.backends,
      peers: [...this.#peers.values()],
      instanceNames: this.#needs.instanceNames(),
      sql: this.#sql,
      allowed: [...this.#allowed.values()],
    });
    this.#book = { config, lore: this.#lore, book };
    return book;
  }

  unlockedUntilMs(): number | null {
    return this.#unlockedUntilMs > this.#needs.now() ? this.#unlockedUntilMs : null;
  }

  unlock(untilMs: number): void {
    this.#unlockedUntilMs = untilMs;
  }

  allow(target: AllowedTarget): void {
    this.#allowed.set(authorityKey(target.address), target);
    this.#lore += 1;
    // Should it be refused all the same, that is news.
    this.#told.clear();
  }

  /** Tells of a connection that was opened; returns what ends it. */
  carries(connection: Omit<NewCarried, "galvanometer">): () => void {
    return this.#needs.carried.begin({ ...connection, galvanometer: this.backend });
  }

  /** Judges at once, with what is known. */
  judgeNow(asked: Asked): Reply<Place> {
    const book = this.book();
    if (!book) return refuse("NOT_FOUND", `Backend ${this.backend} is no longer configured.`);
    return judgeRequest(book, asked, { unlocked: this.unlockedUntilMs() !== null, fenced: this.fenced });
  }

  /** An address that is not known may be one that the statistics name since we last looked. Tells of refusals. */
  async judge(asked: Asked): Promise<Reply<Place>> {
    let verdict = this.judgeNow(asked);
    if (!verdict.ok && verdict.failure.code === "UNKNOWN_TARGET" && this.#mayAsk()) {
      await this.askPeers();
      verdict = this.judgeNow(asked);
    }
    if (!verdict.ok) this.tellRefused(asked, verdict.failure);
    return verdict;
  }

  #mayAsk(): boolean {
    return this.#asking !== null || this.#needs.now() - this.#askedAtMs > askAgainMs;
  }

  /** Each refused address is told once a minute: a page polls, and the operator needs to see every one. */
  tellRefused(asked: Pick<Asked, "authority" | "scheme">, failure: Failure): void {
    const key = `${failure.code} ${asked.authority}`;
    const now = this.#needs.now();
    if (now - (this.#told.get(key) ?? -Infinity) < tellAgainMs) return;
    if (this.#told.size >= mostPeers) this.#told.clear();
    this.#told.set(key, now);
    const book = this.book();
    const target = book && refusedTarget(book, asked);
    this.#needs.note({
      event: "galvanometer-refused",
      severity: "warning",
      code: failure.code,
      backend: this.backend,
      ...(target && { target }),
      message: `${failure.message} ${failure.advice}`,
    });
  }

  reaching(signal?: AbortSignal): Reaching | null {
    const opened = this.#opened();
    const { openTcp, noteDial } = this.#needs;
    return opened && { openTcp, noteDial, opened, mayBeLocal: this.#mayBeLocal, ...(signal && { signal }) };
  }

  /** Takes what the opened instance's configuration says of its SQL page. */
  learnConfig(xml: string, place: Place): void {
    const sql = place.isOpened ? readSqlTransport(xml) : null;
    if (!sql || JSON.stringify(sql) === JSON.stringify(this.#sql)) return;
    this.#sql = sql;
    this.#lore += 1;
  }

  /** Takes what a statistics document names, as said by the instance at `place`. */
  learn(document: unknown, place: Place): void {
    const opened = this.#opened();
    const namedBy = opened && hostOfPlace(place, opened);
    if (!namedBy) return;
    for (const peer of readPeers(document, namedBy)) {
      if (this.#peers.size >= mostPeers) return;
      const key = authorityKey(peer.address);
      if (this.#peers.has(key)) continue;
      this.#peers.set(key, peer);
      this.#lore += 1;
    }
  }

  /** Walks from the opened instance to all that replication names, each asked once. */
  askPeers(): Promise<void> {
    this.#asking ??= this.#walk().finally(() => {
      this.#asking = null;
      this.#askedAtMs = this.#needs.now();
    });
    return this.#asking;
  }

  async #walk(): Promise<void> {
    const asked = new Set<string>();
    for (;;) {
      const next = [...(this.book()?.places.values() ?? [])].filter(
        (place) => place.use === "admin" && !asked.has(place.authority) && this.#isNamed(place),
      );
      if (next.length === 0 || asked.size >= mostAsked) return;
      for (const place of next) asked.add(place.authority);
      await Promise.all(next.slice(0, mostAsked).map((place) => this.#ask(place)));
    }
  }

  /** The peers that the page polls. */
  polled(): readonly Place[] {
    return [...(this.book()?.places.values() ?? [])].filter(({ authority }) => this.#peers.has(authority));
  }

  /** The opened instance itself, or one that another one names: no other backend is disturbed. */
  #isNamed(place: Place): boolean {
    return place.isOpened || this.#peers.has(place.authority);
  }

  async #ask(place: Place): Promise<void> {
    const config = place.isOpened ? this.#read(place, configPath) : null;
    const statistics = await this.#read(place, replicationPath);
    if (statistics) this.learn(parseDocument(statistics), place);
    const xml = await config;
    if (xml) this.learnConfig(xml.toString("utf8"), place);
  }

  async #read(place: Place, path: string): Promise<Buffer | null> {
    const { authority } = place;
    const reaching = this.reaching();
    const reply = reaching && (await reachPlace(place, reaching));
    if (!reply?.ok) return null;
    // The far end of a tunnel's socket is its proxy, which says nothing of where the backend is.
    if (place.isOpened && reaching?.opened.via === undefined) this.#noteWhere(reply.value);
    return askInstance(reply.value, { authority, path });
  }

  #noteWhere(socket: BackendSocket): void {
    if (socket instanceof Socket && isLoopback(socket.remoteAddress ?? "")) this.#mayBeLocal = true;
  }

  end(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }
}

function isOnThisMachine(backend: BackendConfig): boolean {
  const host = /^https?:\/\/(?:\[([^\]]+)\]|([^:/]+))/.exec(backend.admin ?? "");
  return backend.via === undefined && isRelativeHost(host?.[1] ?? host?.[2] ?? "");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
