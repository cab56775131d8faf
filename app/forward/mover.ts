/** What every way of moving a connection's bytes has in common. */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ByteCounter } from "./byte-counter.ts";

/** How a connection ended. `finished`: both sides said their last. */
export type SpliceEnd =
  | { readonly how: "finished" }
  | { readonly how: "cut" }
  | { readonly how: "idle-half-closed" }
  | { readonly how: "broken"; readonly by: "client" | "backend"; readonly code: string };

/** Moves bytes both ways: whole, in order, a full side holding up the other, an end passed on as an end, a reset as a reset. */
export interface Mover {
  /** Ends both sides with a reset at once; tells nothing more. */
  cut(): void;
}

/** What a mover tells: each at most once. */
export interface MoverReport {
  /** One side has said its last, and the other has been told. */
  halfClosed(): void;
  /** Both sides are over, or are being reset. */
  ended(end: SpliceEnd): void;
}

export interface Ends<S extends Duplex = Duplex> {
  readonly client: S;
  readonly backend: S;
}

export interface Moving {
  readonly bytes: ByteCounter;
  readonly report: MoverReport;
  /** How often it could have been taken over: each time, bytes have passed before. */
  readonly turns: number;
}

/** What a connection has to have moved before it is worth being taken over: either will do. */
interface Worth {
  readonly bytes: number;
  readonly turns: number;
}

/**
 * Takes over from streams that nobody watches any more: both sockets are plain TCP and quiet (see plain-tcp.ts), and
 * neither is of use afterwards. Null where it does not, now or ever.
 */
export type TakeOver = (ends: Ends<Socket>, moving: Moving) => Mover | null;

/** Leaves those alone that are over before they have paid for it. */
export function onceWorthwhile(takeOver: TakeOver, worth: Worth): TakeOver {
  return (ends, moving) =>
    moving.turns < worth.turns && moving.bytes.total < worth.bytes ? null : takeOver(ends, moving);
}
