/** Per-second rates of counters, from one sample to the next. */
export class Rates {
  #before = new Map<string, number>();
  #now = new Map<string, number>();
  #spanMs = 0;
  #atMs: number | null = null;

  /** Begins a sample; counters that it does not mention are forgotten. */
  begin(nowMs: number): void {
    this.#spanMs = this.#atMs === null ? 0 : nowMs - this.#atMs;
    this.#atMs = nowMs;
    this.#before = this.#now;
    this.#now = new Map();
  }

  perSecond(counter: string, value: number): number {
    this.#now.set(counter, value);
    const before = this.#before.get(counter);
    if (before === undefined || this.#spanMs <= 0 || value < before) return 0;
    return ((value - before) * 1000) / this.#spanMs;
  }
}
