/** Tells those who open something for a client that it has gone. */

/** What of an `AbortSignal` they look at. */
export interface GoneSignal {
  readonly aborted: boolean;
  addEventListener(event: "abort", listener: () => void): void;
  removeEventListener(event: "abort", listener: () => void): void;
}

/** One for every connection: an `AbortController` would cost as much as the connection's socket. */
export class Departure implements GoneSignal {
  readonly #listeners = new Set<() => void>();
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  addEventListener(_event: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_event: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** The client has gone. Safe to call twice. */
  readonly tell = (): void => {
    if (this.#aborted) return;
    this.#aborted = true;
    for (const listener of [...this.#listeners]) listener();
  };
}
