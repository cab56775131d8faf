/**
 * Moves bytes both ways between a client and a backend, and ends both when either ends.
 *
 *     client ──data──▶ observer looks ──write──▶ backend      a full pipe pauses its source
 *     client ◀──write── observer looks ◀──data── backend      end → end (half-close), error → reset
 */
import type { Duplex } from "node:stream";
import { errorCode } from "../failures.ts";
import { confirmEnd } from "./confirm-end.ts";
import { resetSocket } from "./reset.ts";

/** Payload bytes so far; read while the connection is open. */
export interface ByteCounter {
  toBackend: number;
  toClient: number;
}

/** Looks at bytes as they pass and cannot change them; returns false when it has seen enough. */
export interface Observer {
  fromClient(chunk: Buffer): boolean;
  fromBackend(chunk: Buffer): boolean;
}

/** How a connection ended. `finished`: both sides said their last. */
export type SpliceEnd =
  | { readonly how: "finished" }
  | { readonly how: "cut" }
  | { readonly how: "idle-half-closed" }
  | { readonly how: "broken"; readonly by: "client" | "backend"; readonly code: string };

export interface SpliceOptions {
  readonly client: Duplex;
  readonly backend: Duplex;
  readonly bytes: ByteCounter;
  readonly observer?: Observer | null;
  /** Read from the client before the backend was there: delivered first. */
  readonly early?: Buffer;
  /** Once one side has said its last: how long the other may stay silent. Default 60,000. */
  readonly halfClosedIdleMs?: number;
  readonly onHalfClosed?: () => void;
  readonly onEnd: (end: SpliceEnd) => void;
}

export interface Splice {
  /** Ends both sides with a reset. */
  cut(): void;
}

/** Starts moving bytes; both sockets must be connected, paused or not yet read, and have no data listener. */
export function splice(options: SpliceOptions): Splice {
  const { client, backend, bytes, onEnd, halfClosedIdleMs = 60_000 } = options;
  let observer = options.observer ?? null;
  let ended = false;
  let open = 2;
  let halfClosed: NodeJS.Timeout | null = null;

  const finish = (end: SpliceEnd): void => {
    if (ended) return;
    ended = true;
    if (halfClosed) clearTimeout(halfClosed);
    observer = null;
    onEnd(end);
  };
  const breakBoth = (end: SpliceEnd): void => {
    finish(end);
    resetSocket(client);
    resetSocket(backend);
  };
  const watchHalfClosed = (): void => {
    if (halfClosed || ended) return;
    options.onHalfClosed?.();
    let seen = bytes.toBackend + bytes.toClient;
    halfClosed = setInterval(() => {
      const now = bytes.toBackend + bytes.toClient;
      if (now === seen) breakBoth({ how: "idle-half-closed" });
      seen = now;
    }, halfClosedIdleMs).unref();
  };

  const move = (from: Duplex, to: Duplex, side: "client" | "backend", early?: Buffer): void => {
    const counter = side === "client" ? "toBackend" : "toClient";
    const look = side === "client" ? "fromClient" : "fromBackend";
    const onData = (chunk: Buffer): void => {
      bytes[counter] += chunk.length;
      if (observer && !observer[look](chunk)) observer = null;
      if (!to.write(chunk)) from.pause();
    };
    const onEnd = (): void =>
      confirmEnd(from, () => {
        to.end();
        watchHalfClosed();
      });
    if (early && early.length > 0) onData(early);
    from.on("data", onData);
    to.on("drain", () => from.resume());
    // Said its last before it was joined: the event will not come again.
    if (from.readableEnded) onEnd();
    else from.on("end", onEnd);
    from.on("error", (error) => breakBoth({ how: "broken", by: side, code: errorCode(error) ?? error.name }));
    from.on("close", () => {
      // Closed without an end: destroyed by somebody else. The peer must not take that for a clean end.
      if (!ended && !from.readableEnded) breakBoth({ how: "broken", by: side, code: "ECONNRESET" });
      else if (--open === 0) finish({ how: "finished" });
    });
  };
  move(client, backend, "client", options.early);
  move(backend, client, "backend");
  client.resume();
  backend.resume();
  return { cut: () => breakBoth({ how: "cut" }) };
}
