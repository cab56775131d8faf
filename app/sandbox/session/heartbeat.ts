import type { SandboxClock } from "../clock.ts";

interface HeartbeatOptions {
  readonly clock: SandboxClock;
  readonly intervalMs: number;
  readonly beat: () => void;
  readonly onMissed: () => void;
}

/**
 * Beats that a client asked for. The server beats twice an interval, since a client answers only when more than
 * its interval has passed (amps-facts 2.5); a client silent for two intervals is disconnected.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #endBeats: () => void;
  #cancelDeadline: () => void;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#endBeats = options.clock.every(options.intervalMs / 2, options.beat);
    this.#cancelDeadline = this.#deadline();
  }

  onBeat(): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#deadline();
  }

  stop(): void {
    this.#endBeats();
    this.#cancelDeadline();
  }

  #deadline(): () => void {
    return this.#options.clock.after(this.#options.intervalMs * 2, this.#options.onMissed);
  }
}
