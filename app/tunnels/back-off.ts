/** How long to wait before the next attempt: doubling from a quarter of a second to half a minute, with jitter. */

const firstMs = 250;
const longestMs = 30_000;

export class BackOff {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds until the next attempt, between half and all of the step. */
  next(): number {
    const step = Math.min(longestMs, firstMs * 2 ** this.#failures++);
    return step * (0.5 + this.#random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
