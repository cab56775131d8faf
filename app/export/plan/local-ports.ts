/** Local ports for the ends of tunnels: the same backend keeps its ports whatever else changes. */
import { createHash } from "node:crypto";

const first = 20_000;
const count = 10_000;

export class LocalPorts {
  readonly #taken: Set<number>;

  /** `taken`: ports that listeners and agents have. */
  constructor(taken: Iterable<number>) {
    this.#taken = new Set(taken);
  }

  /** From 20000 to 29999, by the name's hash; the next free one where that is taken. */
  choose(name: string): number {
    let port = first + (createHash("sha256").update(name).digest().readUInt32BE() % count);
    while (this.#taken.has(port)) port = first + ((port - first + 1) % count);
    this.#taken.add(port);
    return port;
  }

  /** `wanted`, or the next one that is free. */
  nextTo(wanted: number): number {
    let port = wanted;
    while (this.#taken.has(port)) port += 1;
    this.#taken.add(port);
    return port;
  }
}
