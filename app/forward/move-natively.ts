/**
 * Moves bytes between two plain TCP sockets without JavaScript: the addon's thread has duplicates of both descriptors.
 * What comes back are counters in shared memory, a word when one half is closed, and one at the end.
 */
import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import type { ByteCounts } from "../contract/snapshot.ts";
import type { Ends, Mover, Moving, TakeOver } from "./mover.ts";
import { fdOf, takeHandle } from "./plain-tcp.ts";
import type { NativeAddon } from "./native-addon.ts";

/** As native/mover.h numbers them. */
const told = { halfClosed: 0, finished: 1, broken: 2 } as const;
const sides = ["client", "backend"] as const;

interface Carried extends Moving {
  readonly token: number;
}

/** The addon has one thread for each JavaScript environment. */
const started = new WeakMap<NativeAddon, TakeOver | null>();

/** Takes over plain TCP; null where the addon's thread does not start. */
export function nativeTakeOver(addon: NativeAddon): TakeOver | null {
  const known = started.get(addon);
  if (known !== undefined) return known;
  const takeOver = start(addon);
  started.set(addon, takeOver);
  return takeOver;
}

function start(addon: NativeAddon): TakeOver | null {
  const slots = new Slots(addon);
  const carried: (Carried | undefined)[] = [];
  let tokens = 0;

  const leave = (slot: number, { bytes }: Carried): void => {
    bytes.unfollow();
    carried[slot] = undefined;
    slots.free(slot);
  };
  const onTold = (slot: number, token: number, what: number, side: number, error: number): void => {
    const one = carried[slot];
    // Cut meanwhile: another connection may have the slot.
    if (one?.token !== token) return;
    if (what === told.halfClosed) return one.report.halfClosed();
    leave(slot, one);
    if (what === told.finished) one.report.ended({ how: "finished" });
    else one.report.ended({ how: "broken", by: sides[side] ?? "client", code: getSystemErrorName(-error) });
  };
  const takeOver = (ends: Ends<Socket>, { bytes, report }: Moving): Mover | null => {
    const slot = slots.take();
    if (slot === null) return null;
    const token = (tokens = (tokens + 1) >>> 0);
    const joined = addon.join(slot, token, fdOf(ends.client), fdOf(ends.backend));
    if (joined !== 0) {
      slots.free(slot);
      return null;
    }
    const one: Carried = { bytes, report, token };
    carried[slot] = one;
    bytes.follow(slots.countsOf(slot));
    // The connections live on in the duplicates.
    takeHandle(ends.client).close();
    takeHandle(ends.backend).close();
    return {
      cut() {
        if (carried[slot] !== one) return;
        addon.cut(slot, token);
        leave(slot, one);
      },
    };
  };
  return addon.start(onTold) ? takeOver : null;
}

/** A class, not an object with getters: those would have a shape of their own for every connection. */
class SlotCounts implements ByteCounts {
  readonly #block: Float64Array;
  readonly #at: number;

  constructor(block: Float64Array, at: number) {
    this.#block = block;
    this.#at = at;
  }

  get toBackend(): number {
    return this.#block[this.#at] ?? 0;
  }

  get toClient(): number {
    return this.#block[this.#at + 1] ?? 0;
  }
}

/** Places for connections in the addon, and their counters; more are made when all are taken. */
class Slots {
  readonly #addon: NativeAddon;
  readonly #blocks: Float64Array[] = [];
  readonly #free: number[] = [];

  constructor(addon: NativeAddon) {
    this.#addon = addon;
  }

  take(): number | null {
    if (this.#free.length === 0) this.#grow();
    return this.#free.pop() ?? null;
  }

  free(slot: number): void {
    this.#free.push(slot);
  }

  countsOf(slot: number): ByteCounts {
    const { slotsPerBlock } = this.#addon;
    const block = this.#blocks[Math.floor(slot / slotsPerBlock)];
    if (!block) throw new Error(`There is no slot ${slot}.`);
    return new SlotCounts(block, (slot % slotsPerBlock) * 2);
  }

  #grow(): void {
    const { slotsPerBlock } = this.#addon;
    const counters = new Float64Array(slotsPerBlock * 2);
    const first = this.#addon.addSlots(counters);
    if (first < 0) return;
    this.#blocks.push(counters);
    for (let at = slotsPerBlock - 1; at >= 0; at--) this.#free.push(first + at);
  }
}
