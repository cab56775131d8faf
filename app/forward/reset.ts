/** Ends a connection so that the peer sees a reset: an abnormal end must never look like a clean one. */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

const transportOf = new WeakMap<Duplex, Socket>();

/** Remembers the TCP socket under a TLS one, which is the only one that can be reset. */
export function rememberTransport(secure: TLSSocket, raw: Socket): void {
  transportOf.set(secure, raw);
}

/**
 * Node's `resetAndDestroy` first waits until everything written has gone out: at a peer that has stopped reading, for ever.
 * Its own flag makes `destroy` close with a reset at once (lib/net.js, `_destroy`).
 */
function resetAtOnce(socket: Socket & { resetAndClosing?: boolean }): void {
  if (!socket.connecting) socket.resetAndClosing = true;
  socket.destroy();
}

export function resetSocket(socket: Duplex): void {
  const raw = transportOf.get(socket);
  if (raw) {
    resetAtOnce(raw);
    socket.destroy();
  } else if (socket instanceof Socket && !(socket instanceof TLSSocket)) {
    resetAtOnce(socket);
  } else {
    socket.destroy();
  }
}
