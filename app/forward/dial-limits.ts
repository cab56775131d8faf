/** Ends dials of the native doors that have taken too long: one timer for all, since all have the same time. */
import { Chain, type Link } from "./chain.ts";
import { defaultDialTimeoutMs } from "./open-tcp.ts";

export interface LimitedDial {
  readonly startedMs: number;
  expire(): void;
}

const lookEveryMs = 500;

export class DialLimits {
  readonly #running = new Chain<LimitedDial>();
  #timer: NodeJS.Timeout | null = null;

  /** Returns what `end` wants. */
  begin(dial: LimitedDial): Link<LimitedDial> {
    this.#timer ??= setInterval(() => this.#look(), lookEveryMs).unref();
    return this.#running.add(dial);
  }

  end(link: Link<LimitedDial>): void {
    this.#running.remove(link);
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
