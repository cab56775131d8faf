/** TCP sockets whose bytes one reader may have as they come, past Node's streams: those allocate 64 KB for every read. */
import { Socket, type SocketConstructorOpts, type TcpSocketConnectOpts } from "node:net";
import type { Duplex } from "node:stream";

type Reader = (bytes: Buffer) => void;

/** For all of a thread: what a read leaves in it is copied at once, so that nobody holds any of it. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

export class DirectSocket extends Socket {
  reader: Reader | null = null;

  constructor(options: SocketConstructorOpts) {
    const onread: TcpSocketConnectOpts["onread"] = {
      buffer: readBuffer,
      callback: (length) => this.#pass(Buffer.from(readBuffer.subarray(0, length))),
    };
    // Its documentation names the option for sockets that connect; it is one of every socket's.
    super(Object.assign(options, { onread }));
  }

  /** False: the stream wants no more for now. */
  #pass(bytes: Buffer): boolean {
    if (!this.reader) return this.push(bytes);
    this.reader(bytes);
    return true;
  }
}

/** Gives `reader` what the socket reads from now on. */
export function readDirectly(socket: Duplex, reader: Reader): void {
  // What has been read already comes as an event, as all of it does where there is no other way.
  socket.on("data", reader);
  if (socket instanceof DirectSocket) socket.reader = reader;
}

/** From now on it is a stream like any other. */
export function stopReading(socket: Duplex, reader: Reader): void {
  socket.off("data", reader);
  if (socket instanceof DirectSocket) socket.reader = null;
}
