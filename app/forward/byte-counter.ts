/** Counts a connection's payload bytes, wherever they are moved. */
import type { ByteCounts } from "../contract/snapshot.ts";

const none: ByteCounts = { toBackend: 0, toClient: 0 };

export class ByteCounter implements ByteCounts {
  #toBackend = 0;
  #toClient = 0;
  #elsewhere = none;

  get toBackend(): number {
    return this.#toBackend + this.#elsewhere.toBackend;
  }

  get toClient(): number {
    return this.#toClient + this.#elsewhere.toClient;
  }

  get total(): number {
    return this.toBackend + this.toClient;
  }

  add(direction: keyof ByteCounts, bytes: number): void {
    if (direction === "toBackend") this.#toBackend += bytes;
    else this.#toClient += bytes;
  }

  /** What is counted elsewhere comes on top, read whenever this is. */
  follow(elsewhere: ByteCounts): void {
    this.#elsewhere = elsewhere;
  }

  /** Keeps what is counted elsewhere as it is now, and looks there no more. */
  unfollow(): void {
    const { toBackend, toClient } = this.#elsewhere;
    this.#elsewhere = none;
    this.#toBackend += toBackend;
    this.#toClient += toClient;
  }
}
