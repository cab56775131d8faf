/** The examinations that go on: each under the name that its caller gave it, told of hop by hop, and stopped on demand. */
import type { BackendConfig } from "../contract/config.ts";
import type { Examination, ExaminationEvent } from "../contract/examination.ts";
import type { TunnelSet } from "../tunnels/tunnel-set.ts";
import { examineBackend } from "./examine-backend.ts";

export class Examinations {
  readonly #tunnels: Pick<TunnelSet, "openTcp" | "ready">;
  readonly #tell: (event: ExaminationEvent) => void;
  readonly #running = new Map<string, AbortController>();

  constructor(tunnels: Pick<TunnelSet, "openTcp" | "ready">, tell: (event: ExaminationEvent) => void) {
    this.#tunnels = tunnels;
    this.#tell = tell;
  }

  async run(backend: BackendConfig, run: string): Promise<Examination> {
    this.stop(run);
    const ending = new AbortController();
    this.#running.set(run, ending);
    const { openTcp, ready } = this.#tunnels;
    const found = await examineBackend({
      backend,
      openTcp,
      ready,
      signal: ending.signal,
      onWalking: (endpoint, hop) => this.#tell({ type: "examination", run, is: "walking", endpoint, hop }),
      onStep: (step) => this.#tell({ type: "examination", run, is: "walked", step }),
    });
    if (this.#running.get(run) === ending) this.#running.delete(run);
    return found;
  }

  stop(run: string): void {
    this.#running.get(run)?.abort();
    this.#running.delete(run);
  }

  close(): void {
    for (const run of [...this.#running.keys()]) this.stop(run);
  }
}
