import { limits } from "../limits.ts";

interface Waiter {
  logIndex: number;
  run: () => void;
}

/** Acknowledgements withheld until every sync destination has what they stand for. */
export class PersistedWaiters {
  readonly #durableIndex: () => number;
  readonly #waiters = new Map<unknown, Waiter[]>();

  /** `durableIndex`: the log index up to which every sync destination has everything. */
  constructor(durableIndex: () => number) {
    this.#durableIndex = durableIndex;
  }

  wait(owner: unknown, logIndex: number, run: () => void): void {
    const waiting = this.#waiters.get(owner) ?? [];
    if (waiting.length === 0 && logIndex <= this.#durableIndex()) return run();
    const last = waiting[waiting.length - 1];
    // A duplicate may stand for an older place, yet one client's acknowledgements stay in order.
    const index = Math.max(logIndex, last?.logIndex ?? 0);
    if (last !== undefined && waiting.length >= limits.persistedWaiters) {
      // Persisted acknowledgements are cumulative: the newest one covers those before it.
      last.logIndex = index;
      last.run = run;
    } else waiting.push({ logIndex: index, run });
    this.#waiters.set(owner, waiting);
  }

  release(): void {
    const durableIndex = this.#durableIndex();
    for (const [owner, waiting] of this.#waiters) {
      const stillEarly = waiting.findIndex((waiter) => waiter.logIndex > durableIndex);
      const due = waiting.splice(0, stillEarly < 0 ? waiting.length : stillEarly);
      if (waiting.length === 0) this.#waiters.delete(owner);
      for (const { run } of due) run();
    }
  }

  forget(owner: unknown): void {
    this.#waiters.delete(owner);
  }
}
