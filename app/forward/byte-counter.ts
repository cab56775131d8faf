/** Counts a connection's payload bytes, wherever they are moved. */
import type { ByteCounts } from "../contract/snapshot.ts";

/** Told whenever what is counted is something else than before. */
export interface CounterOwner {
  /** Called for every chunk that JavaScript moves. */
  moved(bytes: number): void;
  /** What is counted elsewhere is another. */
  change(): void;
}

export class ByteCounter implements ByteCounts {
  #toBackend = 0;
  #toClient = 0;
  /** Null costs less than two zeros behind accessors. */
  #elsewhere: ByteCounts | null = null;
  readonly #owner: CounterOwner | null;

  constructor(owner: CounterOwner | null = null) {
    this.#owner = owner;
  }

  get toBackend(): number {
    return this.#elsewhere ? this.#toBackend + this.#elsewhere.toBackend : this.#toBackend;
  }

  get toClient(): number {
    return this.#elsewhere ? this.#toClient + this.#elsewhere.toClient : this.#toClient;
  }

  get total(): number {
    return this.toBackend + this.toClient;
  }

  add(direction: keyof ByteCounts, bytes: number): void {
    if (direction === "toBackend") this.#toBackend += bytes;
    else this.#toClient += bytes;
    this.#owner?.moved(bytes);
  }

  /** What is counted elsewhere comes on top, read whenever this is. Whoever counts there calls `noteElsewhere`. */
  follow(elsewhere: ByteCounts): void {
    this.#elsewhere = elsewhere;
    this.#owner?.change();
  }

  /** What is counted elsewhere has changed. */
  noteElsewhere(): void {
    this.#owner?.change();
  }

  /** Keeps what is counted elsewhere as it is now, and looks there no more. */
  unfollow(): void {
    const { toBackend, toClient } = this;
    this.#elsewhere = null;
    this.#toBackend = toBackend;
    this.#toClient = toClient;
    this.#owner?.change();
  }
}
