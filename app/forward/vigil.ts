/**
 * Going to sleep and being woken takes longer than all that is done for a small message (decision 97). Where the next thing is
 * about to happen, going by how soon it did of late, the thread stays awake for it: it keeps its event loop turning, for a moment.
 *
 *     asleep ──so many short sleeps, few long──▶ awake ──nothing came while a vigil lasts──▶ asleep
 */
import { performance } from "node:perf_hooks";

/** Times in milliseconds. */
export interface VigilLoop {
  now(): number;
  /** For how long altogether the event loop has slept; always 0 where it does not say. */
  sleptMs(): number;
  /** Runs it once the event loop has looked for what there is, without sleeping. */
  afterLook(run: () => void): void;
}

/** How long nothing may come. What is farther off is not waited for awake. */
export const vigilMs = 0.08;
/** Short sleeps that a vigil takes to begin, each long one undoing the fewest: between these, more behind vigils for nothing. */
export const fewestShort = 4;
export const mostShort = 512;
/** Looks in a row that all find something: such a loop would not sleep anyway. */
const mostBusy = 8;

/** That of this thread. */
export const eventLoop: VigilLoop = {
  now: () => performance.now(),
  sleptMs: () => performance.nodeTiming.idleTime,
  // One that is not referenced would not keep the loop from sleeping. The process ends when the vigil does.
  afterLook: (run) => void setImmediate(run),
};

export class Vigil {
  readonly #loop: VigilLoop;
  #isAwake = false;
  /** Something has happened since the last look. */
  #isLively = false;
  #livelyAtMs = 0;
  #sleptMs = 0;
  #short = 0;
  #wanted = fewestShort;
  /** Looks in a row that found something. */
  #busy = 0;
  /** Sleeps that this vigil has saved: looks that found something behind one that did not. */
  #saved = 0;

  constructor(loop: VigilLoop = eventLoop) {
    this.#loop = loop;
  }

  /** Something has happened that something else may follow soon: called for everything small that is moved. */
  note(): void {
    if (this.#isAwake) {
      this.#isLively = true;
      return;
    }
    const sleptMs = this.#loop.sleptMs();
    const lastedMs = sleptMs - this.#sleptMs;
    this.#sleptMs = sleptMs;
    // Not slept: it came together with what was noted before.
    if (lastedMs === 0) return;
    this.#short = lastedMs <= vigilMs ? this.#short + 1 : Math.max(0, this.#short - fewestShort);
    if (this.#short >= this.#wanted) this.#begin();
  }

  #begin(): void {
    this.#isAwake = true;
    this.#isLively = false;
    this.#busy = this.#saved = 0;
    this.#livelyAtMs = this.#loop.now();
    this.#loop.afterLook(this.#look);
  }

  readonly #look = (): void => {
    const now = this.#loop.now();
    if (this.#isLively) {
      this.#isLively = false;
      this.#livelyAtMs = now;
      if (++this.#busy === 1) this.#saved++;
    } else this.#busy = 0;
    if (this.#busy >= mostBusy || now - this.#livelyAtMs > vigilMs) return this.#end();
    this.#loop.afterLook(this.#look);
  };

  /** Where it was for next to nothing, as where others want this very processor, the next one takes twice as much to begin. */
  #end(): void {
    this.#isAwake = false;
    this.#short = 0;
    this.#wanted = this.#saved < fewestShort ? Math.min(mostShort, this.#wanted * 2) : fewestShort;
    this.#sleptMs = this.#loop.sleptMs();
  }
}
