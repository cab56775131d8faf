/** The addon's thread as JavaScript sees it: who lives in which slot, and who is told what. */
import type { ByteCounts } from "../contract/snapshot.ts";
import { told, type Errand, type NativeAddon } from "./native-addon.ts";
import type { HostPort } from "../config/address.ts";
import type { Visits } from "./connection-registry.ts";

/** Words of one piece of news, and how many are taken at once (native/news.h, `told`). */
const wordsTold = 8;
const mostTold = 512;
const bytesTold = 64 * 1024;

/** `a`, `b`: what they are depends on `what`. `bytes` are the reader's until it returns. */
type News = (what: number, a: number, b: number, bytes: Buffer) => void;

/** A connection in a slot. What ends it is told last; its counters are to be read until then. */
export interface Tenant {
  readonly token: number;
  readonly told: News;
  /** Its counters have moved. */
  counted(): void;
  /** Called once it has its place. */
  begin?(): void;
}

/** Hears of a door; `entered` gives the connection that lives in the slot from then on. */
interface DoorListener {
  entered(place: Place, serial: number, address: string): Tenant | null;
  /** Null: the client's descriptor passes, with these bytes. */
  read?(place: Place, news: ReadNews): Tenant | null;
  passed(fd: number, bytes: Buffer | null): void;
  /** Clients came, were served by the backend of that order, and went: nothing else is told of them. */
  visited(serial: number, visits: Visits): void;
  full(serial: number): void;
}

/** A slot for one connection, until its end is told or it is cut. */
export class Place {
  readonly slot: number;
  readonly token: number;
  readonly #thread: NativeThread;

  constructor(thread: NativeThread, slot: number, token: number) {
    this.#thread = thread;
    this.slot = slot;
    this.token = token;
  }

  get addon(): NativeAddon {
    return this.#thread.addon;
  }

  /** Read live, until the end is told. */
  get counts(): ByteCounts {
    return this.#thread.countsOf(this.slot);
  }

  /** Dials for a client that is held; how it went is told. 0, or a negative errno. */
  dial(host: string, port: number): number {
    return this.addon.dial(this.slot, this.token, host, port);
  }

  /** Dials for a client that is held, and then does the errand. 0, or a negative errno. */
  ask({ host, port }: HostPort, ...errand: Errand): number {
    return this.addon.ask(this.slot, this.token, host, port, ...errand);
  }

  /** More is wanted of the answer. */
  hearOn(): void {
    this.addon.hearOn(this.slot, this.token);
  }

  /** The client gets these bytes, and all moves from then on. False where it cannot. */
  answer(bytes: Uint8Array): boolean {
    return this.addon.answer(this.slot, this.token, bytes);
  }

  /** The descriptor of a backend that has answered, for the caller to close; -1 where it has ended. */
  releaseBackend(): number {
    return this.addon.releaseBackend(this.slot, this.token);
  }

  /** Gives the backend up, also while it is dialled or asked; the client stays held. False where bytes move, or all has ended. */
  hangUp(): boolean {
    return this.addon.hangUp(this.slot, this.token);
  }

  /** Lets the bytes of a dialled connection move. */
  go(): void {
    this.addon.go(this.slot, this.token);
  }

  /** Resets what is there; nothing more is told. Safe to call when it has ended. */
  cut(): void {
    if (this.#thread.leave(this.slot, this.token)) this.addon.cut(this.slot, this.token);
  }

  /** The descriptor of a client that is held, for the caller to close; -1 where it has ended, or ends now. Nothing more is told. */
  release(): number {
    if (!this.#thread.leave(this.slot, this.token)) return -1;
    const fd = this.addon.release(this.slot, this.token);
    // Its bytes may have begun to move: nobody would hear of it any more.
    if (fd < 0) this.addon.cut(this.slot, this.token);
    return fd;
  }
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

/** What a client of a door said first; the bytes are the reader's until it returns. */
export interface ReadNews {
  readonly address: string;
  readonly bytes: Buffer;
}

/** The addon has one thread for each JavaScript environment. */
const started = new WeakMap<NativeAddon, NativeThread | null>();

export class NativeThread {
  readonly addon: NativeAddon;
  readonly #blocks: Float64Array[] = [];
  /** The blocks as they were at the last look. */
  readonly #seen: Float64Array[] = [];
  readonly #tenants: (Tenant | undefined)[] = [];
  readonly #doors = new Map<number, DoorListener>();
  readonly #told = new Int32Array(mostTold * wordsTold);
  readonly #bytes = Buffer.alloc(bytesTold);
  /** What keeps the event loop alive. */
  #alive = 0;
  #taken = 0;
  #next = 0;

  private constructor(addon: NativeAddon) {
    this.addon = addon;
  }

  /** Null where it does not start. */
  static of(addon: NativeAddon): NativeThread | null {
    const known = started.get(addon);
    if (known !== undefined) return known;
    const thread = new NativeThread(addon);
    const runs = addon.start(() => thread.hear(), thread.#told, thread.#bytes);
    started.set(addon, runs ? thread : null);
    return runs ? thread : null;
  }

  /** Moves what two descriptors carry, in duplicates; null where the system has no more of them. */
  join(clientFd: number, backendFd: number, move: (place: Place) => Tenant): Place | null {
    const join = () => this.addon.join(clientFd, backendFd);
    let joined = join();
    if (joined < 0 && this.#addSlots()) joined = join();
    if (joined < 0) return null;
    const { mostSlots } = this.addon;
    const place = new Place(this, joined % mostSlots, Math.floor(joined / mostSlots));
    this.#settle(place.slot, move(place));
    return place;
  }

  /** `open` gives the door's number; false where it is none. */
  openDoor(open: () => number, listener: DoorListener): number | null {
    if (this.#blocks.length === 0) this.#addSlots();
    const door = open();
    if (door < 0) return null;
    this.#doors.set(door, listener);
    this.#keepAlive(1);
    return door;
  }

  /** Tells of everyone who was let in before, and of nobody after. */
  closeDoor(door: number): void {
    this.addon.closeDoor(door);
    this.hear();
    if (this.#doors.delete(door)) this.#keepAlive(-1);
  }

  countsOf(slot: number): ByteCounts {
    const { slotsPerBlock } = this.addon;
    const block = this.#blocks[Math.floor(slot / slotsPerBlock)];
    if (!block) throw new Error(`There is no slot ${slot}.`);
    return new SlotCounts(block, (slot % slotsPerBlock) * 2);
  }

  /** Takes the tenant out of its slot: nothing more is told to it. False where it had left already. */
  leave(slot: number, token: number): boolean {
    if (this.#tenants[slot]?.token !== token) return false;
    this.#tenants[slot] = undefined;
    this.#keepAlive(-1);
    return true;
  }

  /** Tells everything that has been told. May be called in the middle of it: what is left is told first. */
  hear(): void {
    for (;;) {
      while (this.#next < this.#taken) this.#tellNext();
      this.#next = 0;
      this.#taken = this.addon.take();
      if (this.#taken === 0) return;
    }
  }

  /** Tells everything, and everyone whose counters have moved since the last look. */
  look(): void {
    this.hear();
    const { slotsPerBlock } = this.addon;
    this.#blocks.forEach((block, index) => {
      const seen = this.#seen[index] ?? block;
      for (let at = 0; at < block.length; at += 2) {
        const [toBackend = 0, toClient = 0] = [block[at], block[at + 1]];
        if (toBackend === seen[at] && toClient === seen[at + 1]) continue;
        seen[at] = toBackend;
        seen[at + 1] = toClient;
        this.#tenants[index * slotsPerBlock + at / 2]?.counted();
      }
    });
  }

  #tellNext(): void {
    const at = this.#next++ * wordsTold;
    const words = this.#told;
    const what = words[at] ?? -1;
    const slot = words[at + 1] ?? 0;
    const token = (words[at + 2] ?? 0) >>> 0;
    const door = words[at + 3] ?? 0;
    const a = words[at + 4] ?? 0;
    const b = words[at + 5] ?? 0;
    const from = words[at + 6] ?? 0;
    const length = words[at + 7] ?? 0;
    switch (what) {
      case told.entered: {
        const address = this.#bytes.toString("latin1", from, from + length);
        const tenant = this.#doors.get(door)?.entered(new Place(this, slot, token), b, address);
        if (tenant) this.#settle(slot, tenant);
        else this.addon.cut(slot, token);
        return;
      }
      case told.passed: {
        const listener = this.#doors.get(door);
        if (listener) listener.passed(a, null);
        else this.addon.resetDescriptor(a);
        return;
      }
      case told.read:
        return this.#tellRead(this.#doors.get(door), new Place(this, slot, token), {
          address: this.#bytes.toString("latin1", from, from + a),
          bytes: this.#bytes.subarray(from + a, from + length),
        });
      case told.visited:
        return this.#doors.get(door)?.visited(b, { count: a, toBackend: slot >>> 0, toClient: token });
      case told.full:
        return this.#doors.get(door)?.full(b);
      case told.slotsLow:
        return void this.#addSlots();
      default:
        return this.#tellTenant(slot, token, what, a, b, this.#bytes.subarray(from, from + length));
    }
  }

  #tellRead(listener: DoorListener | undefined, place: Place, news: ReadNews): void {
    const tenant = listener?.read?.(place, news);
    if (tenant) {
      this.#settle(place.slot, tenant);
      return tenant.begin?.();
    }
    const fd = this.addon.release(place.slot, place.token);
    if (fd < 0) return;
    if (listener) listener.passed(fd, news.bytes);
    else this.addon.resetDescriptor(fd);
  }

  #tellTenant(slot: number, token: number, what: number, a: number, b: number, bytes: Buffer): void {
    const tenant = this.#tenants[slot];
    // Cut meanwhile: another connection may have the slot.
    if (tenant?.token !== token) {
      if (what === told.left) for (const fd of [a, b]) this.addon.resetDescriptor(fd);
      return;
    }
    if (what === told.finished || what === told.broken || what === told.left) this.leave(slot, token);
    tenant.told(what, a, b, bytes);
  }

  #settle(slot: number, tenant: Tenant): void {
    this.#tenants[slot] = tenant;
    this.#keepAlive(1);
  }

  #keepAlive(change: 1 | -1): void {
    const before = this.#alive;
    this.#alive += change;
    if ((before === 0) !== (this.#alive === 0)) this.addon.keepAlive(this.#alive > 0);
  }

  #addSlots(): boolean {
    const counters = new Float64Array(this.addon.slotsPerBlock * 2);
    if (this.addon.addSlots(counters) < 0) return false;
    this.#blocks.push(counters);
    this.#seen.push(new Float64Array(counters.length));
    return true;
  }
}
