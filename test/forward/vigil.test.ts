/** When a thread stays awake for what is about to come, and that it always goes to sleep (decision 97). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  eventLoop,
  fewestShort,
  mostShort,
  Vigil,
  vigilMs,
  type VigilLoop,
} from "../../app/forward/vigil.ts";

const lookMs = 0.001;

/** An event loop that sleeps when it is told to, and looks when it is told to. */
class DrivenLoop implements VigilLoop {
  #nowMs = 0;
  #sleptMs = 0;
  readonly waiting: (() => void)[] = [];

  now(): number {
    return this.#nowMs;
  }

  sleptMs(): number {
    return this.#sleptMs;
  }

  afterLook(run: () => void): void {
    this.waiting.push(run);
  }

  get isAwake(): boolean {
    return this.waiting.length > 0;
  }

  sleep(ms: number): void {
    this.#nowMs += ms;
    this.#sleptMs += ms;
  }

  look(): void {
    this.#nowMs += lookMs;
    for (const run of this.waiting.splice(0)) run();
  }

  /** Looks until nobody wants it any more; how often that was. */
  lookUntilAsleep(): number {
    let looks = 0;
    for (; this.isAwake && looks < 10_000; looks++) this.look();
    return looks;
  }
}

function begin() {
  const loop = new DrivenLoop();
  const vigil = new Vigil(loop);
  const sleepAndNote = (ms: number, times = 1): void => {
    for (let time = 0; time < times && !loop.isAwake; time++) {
      loop.sleep(ms);
      vigil.note();
    }
  };
  /** How many short sleeps in a row it takes now. */
  const shortSleepsToWake = (): number => {
    let times = 0;
    for (; !loop.isAwake && times < 2 * mostShort; times++) sleepAndNote(vigilMs / 2);
    return times;
  };
  return { loop, vigil, sleepAndNote, shortSleepsToWake };
}

const mostLooks = Math.ceil(vigilMs / lookMs) + 1;

describe("a vigil", () => {
  test("begins behind so many short sleeps, of which a long one undoes as many", () => {
    const { loop, sleepAndNote, shortSleepsToWake } = begin();
    sleepAndNote(vigilMs / 2, fewestShort - 1);
    sleepAndNote(vigilMs * 2);
    expect(loop.isAwake).toBe(false);
    expect(shortSleepsToWake()).toBe(fewestShort);
  });

  test("never begins where every other thing is far off, as across a network", () => {
    const { loop, sleepAndNote } = begin();
    for (let time = 0; time < 1_000; time++) {
      sleepAndNote(vigilMs / 8);
      sleepAndNote(vigilMs * 2);
    }
    expect(loop.isAwake).toBe(false);
  });

  test("counts what comes together once, and nothing where the loop does not say how long it slept", () => {
    const { loop, vigil, sleepAndNote } = begin();
    sleepAndNote(vigilMs / 2);
    for (let time = 0; time < 1_000; time++) vigil.note();
    expect(loop.isAwake).toBe(false);
  });

  test("lasts while something comes in time, and ends by itself when nothing does", () => {
    const { loop, vigil, shortSleepsToWake } = begin();
    shortSleepsToWake();
    for (let time = 0; time < 1_000; time++) {
      for (let looks = 0; looks < mostLooks / 2; looks++) loop.look();
      expect(loop.isAwake).toBe(true);
      vigil.note();
    }
    loop.look();
    expect(loop.lookUntilAsleep()).toBeLessThanOrEqual(mostLooks);
    expect(loop.isAwake).toBe(false);
  });

  test("takes twice as many short sleeps behind each that was for nothing, up to a limit, and the fewest behind one that paid", () => {
    const { loop, vigil, shortSleepsToWake } = begin();
    const taken: number[] = [];
    for (let time = 0; time < 12; time++) {
      taken.push(shortSleepsToWake());
      loop.lookUntilAsleep();
    }
    expect(taken).toEqual(taken.map((_, time) => Math.min(mostShort, fewestShort * 2 ** time)));
    shortSleepsToWake();
    for (let time = 0; time < fewestShort; time++) {
      vigil.note();
      loop.look();
      loop.look();
    }
    loop.lookUntilAsleep();
    expect(shortSleepsToWake()).toBe(fewestShort);
  });

  test("ends, and counts for nothing, where every look finds something: such a loop would not sleep anyway", () => {
    const { loop, vigil, shortSleepsToWake } = begin();
    shortSleepsToWake();
    for (let looks = 0; looks < 100 && loop.isAwake; looks++) {
      vigil.note();
      loop.look();
    }
    expect(loop.isAwake).toBe(false);
    expect(shortSleepsToWake()).toBe(2 * fewestShort);
  });

  test("whatever happens, asks for one look at a time, and for none once all is silent for as long as it lasts", () => {
    const step = fc.oneof(
      fc.constant("note" as const),
      fc.constant("look" as const),
      fc.record({ ms: fc.double({ min: 0, max: 4 * vigilMs, noNaN: true }), times: fc.constant(1) }),
      fc.record({ ms: fc.constant(vigilMs / 2), times: fc.nat(3 * fewestShort) }),
    );
    let vigils = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { loop, vigil, sleepAndNote } = begin();
        for (const what of steps) {
          if (what === "note") vigil.note();
          else if (what === "look" || loop.isAwake) loop.look();
          else sleepAndNote(what.ms, what.times);
          expect(loop.waiting.length).toBeLessThanOrEqual(1);
          if (loop.isAwake) vigils++;
        }
        // What has been noted since the last look is served with the first one.
        expect(loop.lookUntilAsleep()).toBeLessThanOrEqual(mostLooks + 1);
        expect(loop.isAwake).toBe(false);
      }),
      { numRuns: 300 },
    );
    expect(vigils).toBeGreaterThan(0);
  });
});

test("the event loop says for how long it has slept", async () => {
  const before = eventLoop.sleptMs();
  await expect.poll(() => eventLoop.sleptMs(), { timeout: 10_000 }).toBeGreaterThan(before);
});
