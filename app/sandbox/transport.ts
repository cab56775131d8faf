import type { LoopbackListener } from "./loopback-listener.ts";

/** One of an instance's transports: listening or, when disabled, not at all (amps-facts 1.1). */
export class Transport {
  readonly id: string;
  readonly name: "amps-tcp" | "amps-websocket" | "amps-replication";
  readonly protocol: "amps" | "websocket" | "amps-replication";
  readonly #listener: LoopbackListener;
  #port: number;

  constructor(id: string, protocol: Transport["protocol"], listener: LoopbackListener, port: number) {
    this.id = id;
    this.protocol = protocol;
    this.name = protocol === "amps" ? "amps-tcp" : protocol === "websocket" ? "amps-websocket" : protocol;
    this.#listener = listener;
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  get isEnabled(): boolean {
    return this.#listener.listening;
  }

  /** Listens on its port, or, when `elsewhere` offers others and it is taken, on the first of those that is free. */
  async enable(elsewhere: readonly number[] = []): Promise<void> {
    if (!this.isEnabled) this.#port = await this.#listener.listenOnFirst([this.#port, ...elsewhere]);
  }

  /** Stops listening and drops its clients. */
  disable(): Promise<void> {
    return this.#listener.close();
  }
}
