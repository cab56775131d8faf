/** Ends dials of the native doors that have taken too long: one timer for all, since all have the same time. */
import { defaultDialTimeoutMs } from "./open-tcp.ts";

export interface LimitedDial {
  readonly startedMs: number;
  expire(): void;
}

const lookEveryMs = 500;

export class DialLimits {
  /** In the order in which they began. */
  readonly #running = new Set<LimitedDial>();
  #timer: NodeJS.Timeout | null = null;

  begin(dial: LimitedDial): void {
    this.#running.add(dial);
    this.#timer ??= setInterval(() => this.#look(), lookEveryMs).unref();
  }

  end(dial: LimitedDial): void {
    this.#running.delete(dial);
  }

  #look(): void {
    const latest = Date.now() - defaultDialTimeoutMs;
    for (const dial of this.#running) {
      if (dial.startedMs > latest) break;
      dial.expire();
    }
    if (this.#running.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
