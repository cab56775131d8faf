/**
 * One direction of a connection under conditions: a queue that hands bytes on late, slowly or in pieces, in order, each
 * once. What waits is bounded; whoever fills the lane asks `isFull` and waits for `onRoom`.
 *
 *     carry ──▶ [due 12:00:01.2 │ due 12:00:01.3 │ …] ──latency──▶ slicer ──▶ bandwidth ──▶ deliver
 */
import type { Conditions } from "../contract/conditions.ts";

/** A second's worth at 8 Mbit/s, so that latency alone does not throttle; per connection and direction. */
const mostHeldBytes = 1024 * 1024;
/** Bandwidth is given out in portions of so much time. */
const portionMs = 20;

interface LaneOptions {
  /** The conditions that work on this direction now; null: none. */
  readonly conditions: () => Conditions | null;
  /** Hands bytes on; resolves when there is room for more. */
  readonly deliver: (bytes: Buffer) => Promise<void> | void;
  /** The source's last word: null for a clean end. Comes after every byte before it. */
  readonly finish: (error: Error | null) => void;
  readonly onRoom: () => void;
  /** The `limit` is reached: nothing more is delivered. */
  readonly onLimit: () => void;
  /** Default `performance.now` and `Math.random`. */
  readonly now?: () => number;
  readonly random?: () => number;
}

type Parcel = { dueMs: number } & ({ readonly bytes: Buffer } | { readonly last: Error | null });

export class Lane {
  readonly #options: LaneOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #queue: Parcel[] = [];
  #heldBytes = 0;
  #delivered = 0;
  #lastDueMs = 0;
  /** When bandwidth or slicer allow the next piece. */
  #freeAtMs = 0;
  #running = false;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
  }

  get isFull(): boolean {
    return this.#heldBytes >= mostHeldBytes;
  }

  carry(bytes: Buffer): void {
    this.#heldBytes += bytes.length;
    this.#enqueue({ dueMs: this.#dueMs(), bytes });
  }

  /** Nothing follows. An error travels behind the bytes, as a reset does that comes from far away. */
  finish(error: Error | null): void {
    this.#enqueue({ dueMs: this.#dueMs(), last: error });
  }

  /** The conditions have changed: nothing waits for what no longer holds. */
  review(): void {
    const now = this.#now();
    for (const parcel of this.#queue) parcel.dueMs = Math.min(parcel.dueMs, now);
    this.#lastDueMs = now;
    this.#freeAtMs = now;
    this.#wake?.();
  }

  /** Drops what waits. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#wake?.();
  }

  #dueMs(): number {
    const { latencyMs = 0, jitterMs = 0 } = this.#options.conditions() ?? {};
    const delayMs = Math.max(0, latencyMs + jitterMs * (2 * this.#random() - 1));
    // Never before what came earlier: jitter must not reorder.
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#now() + delayMs);
    return this.#lastDueMs;
  }

  #enqueue(parcel: Parcel): void {
    if (this.#closed) return;
    this.#queue.push(parcel);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let head = this.#queue[0]; head && !this.#closed; head = this.#queue[0]) {
      const parcel = head;
      await this.#until(() => parcel.dueMs);
      if ("bytes" in parcel) await this.#passOn(parcel.bytes);
      if (this.#closed) break;
      this.#queue.shift();
      if ("last" in parcel) this.#options.finish(parcel.last);
      else this.#giveRoom(parcel.bytes.length);
    }
    this.#running = false;
  }

  #giveRoom(bytes: number): void {
    const wasFull = this.isFull;
    this.#heldBytes -= bytes;
    if (wasFull && !this.isFull) this.#options.onRoom();
  }

  async #passOn(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#closed;) {
      await this.#until(() => this.#freeAtMs);
      if (this.#closed) return;
      const { bandwidthKBps, slicer, fault } = this.#options.conditions() ?? {};
      const bytesPerMs = bandwidthKBps === undefined ? Infinity : bandwidthKBps;
      const left = fault?.do === "limit" ? fault.bytes - this.#delivered : Infinity;
      if (left <= 0) return this.#options.onLimit();
      const piece = Math.min(
        bytes.length - at,
        left,
        slicer ? this.#varied(slicer.bytes) : Infinity,
        Math.max(1, Math.round(bytesPerMs * portionMs)),
      );
      const from = Math.max(this.#freeAtMs, this.#now());
      this.#freeAtMs = from + piece / bytesPerMs + (slicer?.delayMs ?? 0);
      this.#delivered += piece;
      await this.#options.deliver(bytes.subarray(at, at + piece));
      at += piece;
      if (piece === left) return this.#options.onLimit();
    }
  }

  /** Between half of it and one and a half. */
  #varied(bytes: number): number {
    return Math.max(1, Math.round(bytes * (0.5 + this.#random())));
  }

  /** Waits until then, or for good while nothing passes; a review looks again. */
  async #until(atMs: () => number): Promise<void> {
    while (!this.#closed) {
      const isStalled = this.#options.conditions()?.fault?.do === "blackhole";
      const waitMs = atMs() - this.#now();
      if (!isStalled && waitMs <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = isStalled ? null : setTimeout(resolve, waitMs);
        const wake = (): void => {
          if (timer) clearTimeout(timer);
          resolve();
        };
        this.#wake = wake;
      });
      this.#wake = null;
    }
  }
}
