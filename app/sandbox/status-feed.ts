import type { SandboxStatus } from "../contract/sandbox.ts";
import type { SandboxClock } from "./clock.ts";

const settleMs = 100;
const counterIntervalMs = 1_000;

/** Tells listeners of a changed status: soon after something happened, and once a second while counters move. */
export class StatusFeed {
  readonly #clock: SandboxClock;
  readonly #read: () => SandboxStatus;
  readonly #listeners = new Set<(status: SandboxStatus) => void>();
  #last = "";
  #cancelSettle: (() => void) | null = null;
  #endCounters: (() => void) | null = null;

  constructor(clock: SandboxClock, read: () => SandboxStatus) {
    this.#clock = clock;
    this.#read = read;
  }

  listen(listener: (status: SandboxStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    this.#endCounters ??= this.#clock.every(counterIntervalMs, () => this.publish());
  }

  stop(): void {
    this.#endCounters?.();
    this.#endCounters = null;
    this.#cancelSettle?.();
    this.#cancelSettle = null;
  }

  /** Something happened; what follows closely is told with it. */
  touch(): void {
    if (this.#endCounters === null) return;
    this.#cancelSettle ??= this.#clock.after(settleMs, () => this.publish());
  }

  /** Tells at once, unless nothing is different. */
  publish(): void {
    this.#cancelSettle?.();
    this.#cancelSettle = null;
    const status = this.#read();
    const text = JSON.stringify(status);
    if (text === this.#last) return;
    this.#last = text;
    for (const listener of this.#listeners) listener(status);
  }
}
