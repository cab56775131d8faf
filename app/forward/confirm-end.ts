/** Tells a peer's clean end from a reset that libuv reports as one. */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { hasPeer } from "./plain-tcp.ts";

const nothing = Buffer.alloc(0);

/**
 * Calls `then` when the end of `socket` is confirmed as a clean one. Where data and a reset arrive together, libuv reads the
 * data, sees the hang-up, and reports an end without asking for the error (uv__stream_io, "POLLHUP"). A connection that was
 * reset has no peer any more. Writing nothing sends nothing, and fails on it: then the socket's own `error` event tells,
 * and `then` never comes.
 */
export function confirmEnd(socket: Duplex, then: () => void): void {
  const canAsk = socket instanceof Socket && !(socket instanceof TLSSocket) && socket.writable;
  // With writes under way the answer would wait for the peer to read; those writes will meet the error themselves.
  if (!canAsk || socket.writableLength > 0 || hasPeer(socket)) then();
  else socket.write(nothing, (error) => void (error ?? then()));
}
