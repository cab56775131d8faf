/** Waits for a reply no longer than a limit, or until the attempt is abandoned; what comes later is for others. */
import type { Reply } from "../contract/commands.ts";
import type { Failure } from "../contract/failures.ts";
import { refuse } from "../failures.ts";
import type { GoneSignal } from "../forward/departure.ts";

export function within<T>(
  reply: Promise<Reply<T>>,
  limitMs: number,
  signal: GoneSignal | undefined,
  onTimeout: () => Failure,
): Promise<Reply<T>> {
  return new Promise((resolve) => {
    const done = (settled: Reply<T>): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      resolve(settled);
    };
    const onAbort = () => done(refuse("CONNECT_FAILED", "The attempt was abandoned."));
    const timer = setTimeout(() => done({ ok: false, failure: onTimeout() }), limitMs);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
    void reply.then(done);
  });
}
