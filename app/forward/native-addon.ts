/** The native mover and its doors (native/): loaded where they were built for this system, done without where not. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { errorText } from "../failures.ts";

/** What a door does with a client: see native/door.h. */
export const orderHow = { pass: 0, ask: 1, dial: 2, read: 3 } as const;
type OrderHow = (typeof orderHow)[keyof typeof orderHow];
/** Host and port are for `dial`; the host a literal address. */
export type NativeOrder = [how: OrderHow, serial: number, judges: boolean, host: string, port: number];

/** What a backend is dialled for: native/door.h, `errand`. */
export type Errand = [
  bytes: Uint8Array,
  greets: boolean,
  showsFrame: boolean,
  expected: Uint8Array,
  acceptAt: number,
];

/** What a door does by itself for the next client that says the same: native/door.h, `form`. */
export type Form = [
  serial: number,
  head: Uint8Array,
  keyAt: number,
  bytesKeyAt: number,
  clientAt: number,
  host: string,
  port: number,
  ...errand: Errand,
];

/** See native/mover.h and native/door.h for what each call promises. Slots come with their tokens. */
export interface NativeAddon {
  readonly slotsPerBlock: number;
  readonly mostSlots: number;
  /** `told` and `bytes`: where `take` puts what has been told. */
  start(listener: () => void, told: Int32Array, bytes: Uint8Array): boolean;
  take(): number;
  keepAlive(wanted: boolean): void;
  addSlots(counters: Float64Array): number;
  /** slot + token × `mostSlots`; below zero where it failed. */
  join(clientFd: number, backendFd: number): number;
  cut(slot: number, token: number): boolean;
  openDoor(listeningFd: number, room: Int32Array, ...order: NativeOrder): number;
  order(door: number, ...order: NativeOrder): boolean;
  closeDoor(door: number): void;
  dial(slot: number, token: number, host: string, port: number): number;
  go(slot: number, token: number): boolean;
  hangUp(slot: number, token: number): boolean;
  release(slot: number, token: number): number;
  ask(slot: number, token: number, host: string, port: number, ...errand: Errand): number;
  teach(door: number, ...form: Form): boolean;
  forget(door: number): void;
  hearOn(slot: number, token: number): boolean;
  answer(slot: number, token: number, bytes: Uint8Array): boolean;
  releaseBackend(slot: number, token: number): number;
  resetDescriptor(fd: number): void;
}

/** As native/news.h numbers them. */
export const told = {
  halfClosed: 0,
  finished: 1,
  broken: 2,
  entered: 3,
  dialled: 4,
  notDialled: 5,
  seen: 6,
  left: 7,
  passed: 8,
  full: 9,
  slotsLow: 10,
  visited: 11,
  read: 12,
  answered: 13,
  expected: 14,
} as const;

/** What `dial` returns where the client has gone, which is being told (native/mover.h). */
export const notThere = -0x10000;

export type LoadedAddon = { readonly addon: NativeAddon } | { readonly missing: string };

/** `file`: the built addon. SHUNT_NATIVE=0 does without it. Never throws. */
export function loadNativeAddon(file: string, env: NodeJS.ProcessEnv = process.env): LoadedAddon {
  if (env["SHUNT_NATIVE"] === "0") return { missing: "switched off by SHUNT_NATIVE=0" };
  if (process.platform !== "linux") return { missing: "there is none for this system" };
  if (!existsSync(file)) return { missing: "it was not built: no C compiler, or no headers of Node.js" };
  try {
    return { addon: createRequire(file)(file) as NativeAddon };
  } catch (error) {
    return { missing: `it cannot be loaded: ${errorText(error)}` };
  }
}
