/**
 * Where named clients belong: each AMPS client name of a pool to the member that took it last. Written down before the
 * first byte goes there, several at once; bounded, and never forgets on its own.
 */
import type { ActivityNote } from "../engine/activity-log.ts";
import type { ClientHome, ClientHomeStore } from "./client-home-store.ts";

/** Together, of all pools. */
export const mostClientHomes = 10_000;
/** The file is written anew when it has grown to so many lines more than it needs. */
const spareLines = 20_000;

export class ClientHomes {
  readonly #store: ClientHomeStore;
  readonly #note: (note: ActivityNote) => void;
  /** By pool and name, the one that connected longest ago first. */
  readonly #homes = new Map<string, ClientHome & { readonly client: string; readonly member: string }>();
  readonly #lost = new Set<string>();
  #allLost: boolean;
  #waiting: ClientHome[] = [];
  #written: Promise<void> | null = null;
  #lines = 0;
  #saveFailed = false;

  constructor(store: ClientHomeStore, note: (note: ActivityNote) => void) {
    this.#store = store;
    this.#note = note;
    const lines = store.load();
    this.#allLost = lines === null;
    for (const line of lines ?? []) this.#take(line);
    this.#lines = lines?.length ?? 0;
  }

  #take({ pool, client, member }: ClientHome): void {
    if (client === null) {
      if (member === null) this.#lost.add(pool);
      else this.#lost.delete(pool);
      return;
    }
    const key = keyOf(pool, client);
    this.#homes.delete(key);
    if (member !== null) this.#homes.set(key, { pool, client, member });
  }

  /** Where the record could not be read, these pools' clients belong nobody knows where. */
  update(pools: readonly string[]): void {
    if (!this.#allLost || pools.length === 0) return;
    this.#allLost = false;
    for (const pool of pools) this.#lost.add(pool);
    this.#rewrite();
  }

  /** True where the pool's record could not be read, and the operator has not said yet who has everything. */
  isLost(pool: string): boolean {
    return this.#lost.has(pool);
  }

  /** The operator has said it. */
  found(pool: string, member: string): void {
    if (this.#lost.has(pool)) void this.#add({ pool, client: null, member });
  }

  of(pool: string, client: string): string | null {
    return this.#homes.get(keyOf(pool, client))?.member ?? null;
  }

  /** The client goes there from now on; resolves when that is on disk. */
  settle(pool: string, client: string, member: string): Promise<void> {
    const key = keyOf(pool, client);
    const known = this.#homes.get(key);
    if (known?.member !== member) return this.#add({ pool, client, member });
    this.#homes.delete(key);
    this.#homes.set(key, known);
    return Promise.resolve();
  }

  /** Moves every client of one member to another, by the operator's word; returns how many. */
  moveAll(pool: string, from: string, to: string): number {
    const moving = [...this.#homes.values()].filter((home) => home.pool === pool && home.member === from);
    for (const { client } of moving) void this.#add({ pool, client, member: to });
    return moving.length;
  }

  /** Forgets at most `most` of those for which it is safe, the one that connected longest ago first. */
  makeRoom(most: number, isSafe: (home: { pool: string; client: string; member: string }) => boolean): void {
    let left = most;
    for (const { pool, client, member } of [...this.#homes.values()]) {
      if (left === 0) return;
      if (!isSafe({ pool, client, member })) continue;
      void this.#add({ pool, client, member: null });
      left--;
    }
  }

  get isFull(): boolean {
    return this.#homes.size >= mostClientHomes;
  }

  /** How many names belong to each member that has any. */
  countsOf(pool: string): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const home of this.#homes.values())
      if (home.pool === pool) counts.set(home.member, (counts.get(home.member) ?? 0) + 1);
    return counts;
  }

  #add(home: ClientHome): Promise<void> {
    this.#take(home);
    this.#waiting.push(home);
    this.#written ??= new Promise((resolve) => setImmediate(() => resolve(this.#write())));
    return this.#written;
  }

  #write(): void {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#written = null;
    this.#lines += lines.length;
    if (this.#lines > this.#homes.size + spareLines) this.#rewrite();
    else if (lines.length > 0) this.#tell(this.#store.append(lines));
  }

  #rewrite(): void {
    const lost = [...this.#lost].map((pool) => ({ pool, client: null, member: null }));
    const lines: readonly ClientHome[] = [...lost, ...this.#homes.values()];
    this.#lines = lines.length;
    this.#tell(this.#store.replace(lines));
  }

  #tell(failed: string | null): void {
    if (failed !== null && !this.#saveFailed)
      this.#note({
        event: "guard-not-saved",
        severity: "error",
        message: `Which members named clients belong to cannot be kept for the next start: ${failed}.`,
      });
    this.#saveFailed = failed !== null;
  }

  /** Writes what waits. */
  close(): void {
    this.#write();
  }
}

function keyOf(pool: string, client: string): string {
  return `${pool} ${client}`;
}
