/** Ends a connection so that the peer sees a reset: an abnormal end must never look like a clean one. */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

const transportOf = new WeakMap<Duplex, Duplex>();

/** Remembers what is under a TLS socket (TCP, or an SSH channel), which is the only one that can be reset. */
export function rememberTransport(secure: TLSSocket, raw: Duplex): void {
  transportOf.set(secure, raw);
}

/** Loop turns that a socket's own end gets to leave; it takes one, unless a stalled peer holds up TLS's last record. */
const turnsToEnd = 5;

/** The shutdown is with the system and has not been answered: nothing is left to write, and the end is not out yet. */
function isEnding(socket: Duplex): boolean {
  return !socket.destroyed && socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
}

/**
 * Node's `resetAndDestroy` first waits until everything written has gone out: at a peer that has stopped reading, for ever.
 * Its own flag makes `destroy` close with a reset at once (lib/net.js, `_destroy`).
 */
function resetAtOnce(socket: Socket & { resetAndClosing?: boolean }): void {
  if (!socket.connecting) socket.resetAndClosing = true;
  socket.destroy();
}

/**
 * While a shutdown is under way libuv refuses a reset (EINVAL), and Node loses the handle: it is never closed, and its
 * worker thread can no longer be terminated. So the end goes out first; where it cannot, the socket is closed plainly.
 */
export function resetSocket(socket: Duplex, turns: number = turnsToEnd): void {
  const raw = transportOf.get(socket) ?? (socket instanceof TLSSocket ? null : socket);
  const ending = isEnding(socket) || (raw !== null && isEnding(raw));
  if (ending && turns > 0) return void setImmediate(() => resetSocket(socket, turns - 1));
  if (raw instanceof Socket && !ending) resetAtOnce(raw);
  socket.destroy();
}
