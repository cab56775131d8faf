import type { SandboxClock } from "../clock.ts";

interface Waiting {
  readonly dueMs: number;
  readonly bytes: number;
  readonly run: () => void;
}

/** Holds what a slow instance sends, in order, until it is due. */
export class Outbox {
  readonly #clock: SandboxClock;
  readonly #delayMs: () => number;
  #waiting: Waiting[] = [];
  #cancel: (() => void) | null = null;
  #bytes = 0;

  constructor(clock: SandboxClock, delayMs: () => number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  get queuedBytes(): number {
    return this.#bytes;
  }

  push(bytes: number, run: () => void): void {
    const delayMs = this.#delayMs();
    if (delayMs === 0 && this.#waiting.length === 0) return run();
    const last = this.#waiting[this.#waiting.length - 1]?.dueMs ?? 0;
    this.#waiting.push({ dueMs: Math.max(this.#clock.now() + delayMs, last), bytes, run });
    this.#bytes += bytes;
    this.#cancel ??= this.#clock.after(delayMs, () => this.#runDue());
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#waiting = [];
    this.#bytes = 0;
  }

  #runDue(): void {
    this.#cancel = null;
    const nowMs = this.#clock.now();
    const stillEarly = this.#waiting.findIndex((waiting) => waiting.dueMs > nowMs);
    const due = this.#waiting.splice(0, stillEarly < 0 ? this.#waiting.length : stillEarly);
    for (const { bytes, run } of due) {
      this.#bytes -= bytes;
      run();
    }
    const next = this.#waiting[0];
    if (next !== undefined && this.#cancel === null) {
      this.#cancel = this.#clock.after(Math.max(1, next.dueMs - nowMs), () => this.#runDue());
    }
  }
}
