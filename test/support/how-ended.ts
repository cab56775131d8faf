/** How a peer ended a connection: `end` for a clean end, else the error's code. */
import type { Socket } from "node:net";

/**
 * Node reports a reset that arrives together with data as a clean end (see app/forward/confirm-end.ts); writing nothing
 * brings the error out. Where this side has ended already there is no asking.
 */
export function howEnded(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("end", () => {
      if (!socket.writable || socket.writableLength > 0) setImmediate(() => resolve("end"));
      else socket.write(Buffer.alloc(0), (error) => error ?? resolve("end"));
    });
    socket.on("close", () => resolve("close"));
  });
}
