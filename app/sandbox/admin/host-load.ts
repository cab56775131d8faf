/** A machine's load that wanders as a real one does, or stays where it was fixed; fractions of 1. */
export class HostLoad {
  readonly #fixed: { readonly cpu: number; readonly memory: number } | null;
  readonly #random: () => number;
  #cpu: number;
  #memory: number;

  constructor(fixed: { readonly cpu: number; readonly memory: number } | null, random: () => number) {
    this.#fixed = fixed;
    this.#random = random;
    this.#cpu = fixed?.cpu ?? 0.1 + random() * 0.2;
    this.#memory = fixed?.memory ?? 0.35 + random() * 0.15;
  }

  get cpu(): number {
    return this.#cpu;
  }

  get memory(): number {
    return this.#memory;
  }

  /** One step; `busyness` from 0 to 1 pulls the processor's load up. */
  step(busyness: number): void {
    if (this.#fixed !== null) return;
    const home = 0.18 + 0.6 * Math.min(1, Math.max(0, busyness));
    this.#cpu = clamp(this.#cpu + (home - this.#cpu) * 0.2 + (this.#random() - 0.5) * 0.06, 0.02, 0.97);
    this.#memory = clamp(this.#memory + (this.#random() - 0.5) * 0.01, 0.25, 0.85);
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
