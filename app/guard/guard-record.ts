/** What the guard knows and must not lose: active members and the last sight of links. Owns them, and writes them down. */
import type { BackendConfig, PoolConfig } from "../contract/config.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import { forgetMoved } from "./forget-moved.ts";
import { emptyGuardMemory, type GuardMemory, type GuardStore } from "./guard-store.ts";
import type { SourceKnowledge } from "./link-knowledge.ts";

/** Observations are written this long after they came, several at once. */
const saveDelayMs = 1_000;

export class GuardRecord {
  readonly #store: GuardStore;
  readonly #note: (note: ActivityNote) => void;
  #memory: GuardMemory;
  /** It was there and could not be read: which members were active is not known. */
  #lost: boolean;
  #saving: NodeJS.Timeout | null = null;
  #saveFailed = false;

  constructor(store: GuardStore, note: (note: ActivityNote) => void) {
    this.#store = store;
    this.#note = note;
    const loaded = store.load();
    this.#lost = loaded === null;
    this.#memory = loaded ?? emptyGuardMemory;
  }

  /** Takes the configured pools up. Pools that are gone keep their entries: one that comes back must not begin anew. */
  update(pools: readonly PoolConfig[], backends: readonly BackendConfig[]): void {
    const memory = forgetMoved(this.#memory, backends);
    const entries = { ...memory.pools };
    for (const { id, members } of pools) {
      const first = this.#lost && members.length > 1 ? null : (members[0] ?? null);
      entries[id] = this.#pool(id) ?? { active: first, sinceMs: null };
    }
    this.#lost = false;
    this.#memory = { ...memory, pools: entries };
    if (Object.keys(entries).length > 0) this.#save(true);
  }

  /** Null where it is not known. */
  activeOf(pool: string): string | null {
    return this.#pool(pool)?.active ?? null;
  }

  activeSinceMs(pool: string): number | null {
    return this.#pool(pool)?.sinceMs ?? null;
  }

  setActive(pool: string, active: string, sinceMs: number): void {
    this.#memory = { ...this.#memory, pools: { ...this.#memory.pools, [pool]: { active, sinceMs } } };
    // Before the first client goes there: a crash must not bring the old one back.
    this.#save(true);
  }

  #pool(id: string): GuardMemory["pools"][string] | null {
    const { pools } = this.#memory;
    return Object.hasOwn(pools, id) ? (pools[id] ?? null) : null;
  }

  /** What is remembered of a backend's links; null where nothing is. */
  sourceOf(backend: string): SourceKnowledge | null {
    const { sources } = this.#memory;
    return Object.hasOwn(sources, backend) ? (sources[backend] ?? null) : null;
  }

  setSource(backend: string, knowledge: SourceKnowledge): void {
    this.#memory = { ...this.#memory, sources: { ...this.#memory.sources, [backend]: knowledge } };
    this.#saving ??= setTimeout(() => this.#save(false), saveDelayMs).unref();
  }

  #save(durable: boolean): void {
    if (this.#saving) clearTimeout(this.#saving);
    this.#saving = null;
    const failed = this.#store.save(this.#memory, durable);
    if (failed !== null && !this.#saveFailed)
      this.#note({
        event: "guard-not-saved",
        severity: "error",
        message: `Which members are active, and what their links are, cannot be kept for the next start: ${failed}.`,
      });
    this.#saveFailed = failed !== null;
  }

  /** Writes what waits. */
  close(): void {
    if (this.#saving) this.#save(true);
  }
}
