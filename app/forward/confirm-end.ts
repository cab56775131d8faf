/** Tells a peer's clean end from a reset that libuv reports as one. */
import type { Duplex } from "node:stream";
import { hasPeer, isPlainTcp, unaskedError } from "./plain-tcp.ts";

const nothing = Buffer.alloc(0);

/**
 * Calls `then` when the end of `socket` is confirmed as a clean one. Where data and a reset arrive together, libuv reads the
 * data, sees the hang-up, and reports an end without asking for the error (uv__stream_io, "POLLHUP"). A connection that was
 * reset has no peer any more, nor has one that both sides have ended. Writing nothing sends nothing, and fails on a reset;
 * where this side has said its last, or writes are under way whose answer would wait for the peer to read, a read asks.
 * Then the socket's own `error` event tells, and `then` never comes.
 */
export function confirmEnd(socket: Duplex, then: () => void): void {
  // Once both sides have said their last there is no peer either: nothing is learned from asking for it.
  if (!isPlainTcp(socket) || (socket.writable && hasPeer(socket))) return then();
  if (socket.writable && socket.writableLength === 0)
    return void socket.write(nothing, (error) => void (error ?? then()));
  const error = unaskedError(socket);
  if (error) socket.destroy(error);
  else then();
}
