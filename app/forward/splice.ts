/**
 * Joins a client and a backend: bytes move both ways until both have said their last, or either breaks.
 *
 *     any two streams, watched     move-streams.ts
 *       │  nobody watches any more, both are plain TCP, and it is worth it
 *       ▼
 *     two TCP handles, unwatched   move-natively.ts where the addon is there, move-buffers.ts elsewhere
 */
import type { Duplex } from "node:stream";
import type { ByteCounter } from "./byte-counter.ts";
import { takeOverWithBuffers } from "./move-buffers.ts";
import { moveStreams, type Observer } from "./move-streams.ts";
import type { Ends, Mover, MoverReport, SpliceEnd, TakeOver } from "./mover.ts";
import { areQuiet, arePlainTcp } from "./plain-tcp.ts";

export interface SpliceOptions {
  readonly client: Duplex;
  readonly backend: Duplex;
  readonly bytes: ByteCounter;
  readonly observer?: Observer | null;
  /** Read from the client before the backend was there: delivered first. */
  readonly early?: Buffer | undefined;
  /** Once one side has said its last: how long the other may stay silent. Default 60,000. */
  readonly halfClosedIdleMs?: number;
  /** What moves plain TCP that nobody watches any more; default: large reused buffers. */
  readonly takeOver?: TakeOver;
  readonly onHalfClosed?: () => void;
  readonly onEnd: (end: SpliceEnd) => void;
}

export interface Splice {
  /** Ends both sides with a reset. */
  readonly cut: () => void;
}

/** Starts moving bytes; both sockets must be connected, paused or not yet read, and have no data listener. */
export function splice(options: SpliceOptions): Splice {
  const { client, backend, bytes, observer, early, takeOver = takeOverWithBuffers } = options;
  const cut = (end: SpliceEnd): void => {
    report.ended(end);
    mover.cut();
  };
  const report = createReport(options, cut);
  let turns = 0;
  const change = (ends: Ends): boolean => {
    turns++;
    const next = arePlainTcp(ends) && areQuiet(ends) ? takeOver(ends, { bytes, report, turns }) : null;
    mover = next ?? mover;
    return next !== null;
  };
  let mover: Mover = moveStreams({
    client,
    backend,
    bytes,
    observer: observer ?? null,
    early: early ?? null,
    report,
    onUnwatched: arePlainTcp({ client, backend }) ? change : null,
  });
  return { cut: () => cut({ how: "cut" }) };
}

type Told = Pick<SpliceOptions, "bytes" | "halfClosedIdleMs" | "onHalfClosed" | "onEnd">;

/** Tells the end once, and ends a connection of which one half is closed and the other silent. */
export function createReport(
  { bytes, halfClosedIdleMs = 60_000, onHalfClosed, onEnd }: Told,
  cut: (end: SpliceEnd) => void,
): MoverReport {
  let ended = false;
  let halfClosed: NodeJS.Timeout | null = null;
  return {
    halfClosed() {
      if (halfClosed || ended) return;
      onHalfClosed?.();
      let seen = bytes.total;
      halfClosed = setInterval(() => {
        const now = bytes.total;
        if (now === seen) cut({ how: "idle-half-closed" });
        seen = now;
      }, halfClosedIdleMs).unref();
    },
    ended(end) {
      if (ended) return;
      ended = true;
      if (halfClosed) clearInterval(halfClosed);
      onEnd(end);
    },
  };
}
