/** Reads from a client until what it has said is enough to go by. */
import type { Duplex } from "node:stream";

interface ReadingUntil<R> {
  /** Sees every chunk, in order; anything but null ends the reading. */
  readonly look: (chunk: Buffer) => R | null;
  readonly timeoutMs: number;
  /** Read already: seen first. */
  readonly first?: Buffer;
}

/** Leaves the socket paused: what comes behind belongs to whoever goes on with it. `closed`: the client left, or ended its side. */
export function readUntil<R>(
  socket: Duplex,
  { look, timeoutMs, first }: ReadingUntil<R>,
): Promise<R | "timeout" | "closed"> {
  return new Promise((resolve) => {
    let settled = false;
    const done = (result: R | "timeout" | "closed"): void => {
      settled = true;
      clearTimeout(timer);
      socket.off("data", onData);
      socket.off("end", onClosed);
      socket.off("close", onClosed);
      socket.pause();
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      const result = look(chunk);
      if (result !== null) done(result);
    };
    const onClosed = () => done("closed");
    const timer = setTimeout(() => done("timeout"), timeoutMs);
    socket.on("data", onData);
    socket.on("end", onClosed);
    socket.on("close", onClosed);
    if (first && first.length > 0) onData(first);
    if (!settled && (socket.readableEnded || socket.destroyed)) onClosed();
    if (!settled) socket.resume();
  });
}
