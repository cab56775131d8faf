/**
 * Moves bytes between two plain TCP sockets with large reads into buffers that are used again and again.
 *
 *     client ──read into its buffer──▶ write ──▶ backend      while a write holds the buffer, its source is paused
 *
 * Node's public `onread` option does it for sockets that connect; for accepted ones a socket is built around the handle.
 */
import { Socket, type SocketConstructorOpts, type TcpSocketConnectOpts } from "node:net";
import { linkEnds } from "./link-ends.ts";
import { onceWorthwhile, type Ends, type Mover, type Moving, type TakeOver } from "./mover.ts";
import { takeHandle, type TcpHandle } from "./plain-tcp.ts";
import { createReadBuffer } from "./read-buffer.ts";

interface Reading {
  readonly socket: Socket;
  /** Where its bytes go; to be set before anything is read. */
  to: Socket | null;
}

const nothing = Buffer.alloc(0);

/** A connection that has moved this much is worth two new sockets, however often it was asked: most never do. */
export const takeOverWithBuffers: TakeOver = onceWorthwhile(moveBuffers, {
  bytes: 64 * 1024,
  turns: Number.POSITIVE_INFINITY,
});

/** Both sockets must be quiet (see plain-tcp.ts); neither is of use afterwards. */
export function moveBuffers(ends: Ends<Socket>, { bytes, report }: Moving): Mover {
  const client = readInto(takeHandle(ends.client), (length) => bytes.add("toBackend", length));
  const backend = readInto(takeHandle(ends.backend), (length) => bytes.add("toClient", length));
  client.to = backend.socket;
  backend.to = client.socket;
  const linked = linkEnds({ client: client.socket, backend: backend.socket }, report);
  client.socket.on("drain", () => backend.socket.resume());
  backend.socket.on("drain", () => client.socket.resume());
  client.socket.resume();
  backend.socket.resume();
  return linked;
}

/** A socket around `handle` that reads into a buffer of its own and writes to another socket. */
function readInto(handle: TcpHandle, count: (length: number) => void): Reading {
  const buffer = createReadBuffer();
  const callback = (length: number, read: Uint8Array): boolean => {
    const { to } = reading;
    if (!to) return false;
    count(length);
    buffer.noteRead(length);
    const isRoomy = to.write(read.subarray(0, length));
    // All of it is with the system: the buffer is free.
    if (to.writableLength === 0) return true;
    // A `drain` follows where there is no room; else writing nothing tells when what was written before has gone.
    if (isRoomy) to.write(nothing, () => reading.socket.resume());
    return false;
  };
  const options: SocketConstructorOpts & Pick<TcpSocketConnectOpts, "onread"> & Record<string, unknown> = {
    handle,
    allowHalfOpen: true,
    manualStart: true,
    onread: { buffer: buffer.next, callback },
  };
  const reading: Reading = { socket: new Socket(options), to: null };
  return reading;
}
