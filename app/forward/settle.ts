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

const nothing = (): void => undefined;

/** Waits for one socket to become ready, fail, run out of time or be abandoned; leaves no listener behind but a quiet `error` one. */
export function settle<S extends Duplex>({
  socket,
  ready,
  timeoutMs,
  signal,
  onTimeout,
  onError,
}: Settling<S>): Promise<Reply<S>> {
  return new Promise((resolve) => {
    const done = (reply: Reply<S>): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off(ready, onReady);
      socket.off("error", onFailed);
      socket.off("close", onClosed);
      // Between here and the splice an error must not bring the process down; the splice sees the `close`.
      socket.on("error", nothing);
      if (!reply.ok) socket.destroy();
      resolve(reply);
    };
    const onReady = () => done(accept(socket));
    const onFailed = (error: Error) => done({ ok: false, failure: onError(error) });
    const onClosed = () =>
      done({ ok: false, failure: onError(Object.assign(new Error("closed"), { code: "ECONNRESET" })) });
    const onAbort = () => done(refuse("CONNECT_FAILED", "The attempt was abandoned."));
    const timer = setTimeout(() => done({ ok: false, failure: onTimeout() }), timeoutMs);
    socket.on(ready, onReady);
    socket.on("error", onFailed);
    socket.on("close", onClosed);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
}
