/** Plain TCP sockets whose handle may be taken out, so that something faster than Node's streams moves its bytes. */
import { readSync } from "node:fs";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { errorCode } from "../failures.ts";
import { keepAlive } from "./keep-alive.ts";
import type { Ends } from "./mover.ts";

/** The part of Node's own TCP handle that is used here. */
export interface TcpHandle {
  readonly fd: number;
  useUserBuffer(buffer: Uint8Array): void;
  /** 0, or a negative errno: ENOTCONN where the connection is over. */
  getpeername(address: object): number;
  close(): void;
}

/** What Node's sockets have beyond their public face. Without it, bytes are moved as streams. */
interface WithHandle {
  _handle?: Partial<TcpHandle> | null;
}

function handleOf(socket: Socket): TcpHandle | null {
  const handle = (socket as WithHandle)._handle;
  return typeof handle?.useUserBuffer === "function" && typeof handle.fd === "number"
    ? (handle as TcpHandle)
    : null;
}

/** Filled in again and again: what nobody looks at. */
const anyAddress = {};
const anyByte = new Uint8Array(1);

/** False where the connection was reset, even if nothing has told of it yet; and where nobody can say. */
export function hasPeer(socket: Socket): boolean {
  const handle = (socket as WithHandle)._handle;
  return typeof handle?.getpeername === "function" && handle.getpeername(anyAddress) === 0;
}

/** The error that the system holds for a socket at its end and nobody has asked for: a read finds it, or nothing. */
export function unaskedError(socket: Socket): Error | null {
  const fd = (socket as WithHandle)._handle?.fd ?? -1;
  if (fd < 0) return null;
  try {
    readSync(fd, anyByte);
    return null;
  } catch (error) {
    return errorCode(error) === "ECONNRESET" ? (error as Error) : null;
  }
}

/** Nothing of the socket is on its way: all that was read has been passed on, all that was written is with the system. */
function isQuiet(socket: Socket): boolean {
  return (
    socket.readableLength === 0 &&
    socket.writableLength === 0 &&
    !socket.connecting &&
    !socket.destroyed &&
    !socket.errored &&
    !socket.readableEnded &&
    !socket.writableEnded &&
    handleOf(socket) !== null
  );
}

/** Its peer has said its last, all of that was read, and all that was written is with the system: only its own end is missing. */
export function isSpent(socket: Duplex): boolean {
  return isPlainTcp(socket) && socket.readableEnded && socket.writableLength === 0;
}

export function isPlainTcp(socket: Duplex): socket is Socket {
  return socket instanceof Socket && !(socket instanceof TLSSocket);
}

/** Whether both sides are plain TCP at all. */
export function arePlainTcp(ends: Ends): ends is Ends<Socket> {
  return isPlainTcp(ends.client) && isPlainTcp(ends.backend);
}

/** Whether both handles may be taken now. */
export function areQuiet({ client, backend }: Ends<Socket>): boolean {
  return isQuiet(client) && isQuiet(backend);
}

/** The descriptor of a quiet socket. */
export function fdOf(socket: Socket): number {
  return handleOf(socket)?.fd ?? -1;
}

/** Takes the handle out of a quiet socket and gives the socket up: whoever else holds it hears its `close`. */
export function takeHandle(socket: Socket): TcpHandle {
  const handle = handleOf(socket);
  if (!handle) throw new Error("The socket has no handle that could be taken.");
  keepAlive(socket);
  for (const event of ["data", "drain", "end"]) socket.removeAllListeners(event);
  (socket as WithHandle)._handle = null;
  socket.destroy();
  return handle;
}
