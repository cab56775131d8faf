import { limits } from "../limits.ts";

interface Publisher {
  last: bigint;
  /** Log index of the last change that this publisher made here, not at a peer. */
  localIndex: number;
}

/** The last sequence of every publisher: what makes a repeated message a duplicate. */
export class PublisherSequences {
  readonly #publishers = new Map<string, Publisher>();

  last(name: string): bigint {
    return this.#publishers.get(name)?.last ?? 0n;
  }

  localIndex(name: string): number {
    return this.#publishers.get(name)?.localIndex ?? 0;
  }

  note(name: string, sequence: bigint, localIndex: number | null): void {
    const publisher = this.#publishers.get(name) ?? { last: 0n, localIndex: 0 };
    publisher.last = sequence;
    publisher.localIndex = localIndex ?? publisher.localIndex;
    this.#publishers.delete(name);
    this.#publishers.set(name, publisher);
    if (this.#publishers.size <= limits.publishers) return;
    for (const oldest of this.#publishers.keys()) {
      this.#publishers.delete(oldest);
      return;
    }
  }
}
