/** Waits until a socket that is being opened is ready, or has failed. */
import type { Duplex } from "node:stream";
import type { Reply } from "../contract/commands.ts";
import type { Failure } from "../contract/failures.ts";
import { accept, refuse } from "../failures.ts";
import type { GoneSignal } from "./departure.ts";

interface Settling<S extends Duplex> {
  readonly socket: S;
  readonly ready: "connect" | "secureConnect";
  readonly timeoutMs: number;
  readonly signal: GoneSignal | undefined;
  readonly onTimeout: () => Failure;
  readonly onError: (error: Error) => Failure;
}

function closed(): Error {
  return Object.assign(new Error("closed"), { code: "ECONNRESET" });
}

/** Waits for one socket to become ready, fail, run out of time or be abandoned. */
export function settle<S extends Duplex>({
  socket,
  ready,
  timeoutMs,
  signal,
  onTimeout,
  onError,
}: Settling<S>): Promise<Reply<S>> {
  return new Promise((resolve) => {
    let isSettled = false;
    // The listeners stay. Between here and the splice an error must not bring the process down; the splice sees the `close`.
    const done = (outcome: () => Reply<S>): void => {
      if (isSettled) return;
      isSettled = true;
      const reply = outcome();
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      if (!reply.ok) socket.destroy();
      resolve(reply);
    };
    const onReady = () => done(() => accept(socket));
    const fail = (error: Error) => done(() => ({ ok: false, failure: onError(error) }));
    const onClosed = () => done(() => ({ ok: false, failure: onError(closed()) }));
    const onAbort = () => done(() => refuse("CONNECT_FAILED", "The attempt was abandoned."));
    const timer = setTimeout(() => done(() => ({ ok: false, failure: onTimeout() })), timeoutMs);
    socket.on(ready, onReady);
    socket.on("error", fail);
    socket.on("close", onClosed);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
}
