/** A plain TCP client that keeps what it gets and tells how it ended. */
import { connect, type Socket } from "node:net";
import { howEnded } from "./how-ended.ts";
import { cleanUp } from "./running-engine.ts";

export interface TcpClient {
  readonly socket: Socket;
  bytes(): Buffer;
  received(length: number): Promise<Buffer>;
  /** Resolves when the text has arrived, with everything so far. */
  receivedText(text: string): Promise<string>;
  /** `end` for a clean end, else the error's code. */
  readonly ended: Promise<string>;
  /** Everything until the end. */
  whole(): Promise<Buffer>;
}

/** `localAddress`: another one of loopback, where it matters who the client is. */
export async function connectTcp(
  port: number,
  host = "127.0.0.1",
  localAddress?: string,
): Promise<TcpClient> {
  const socket = connect({ port, host, localAddress, allowHalfOpen: true });
  cleanUp(() => void socket.destroy());
  const chunks: Buffer[] = [];
  const waiting = new Set<() => void>();
  const ended = howEnded(socket);
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    for (const look of waiting) look();
  });
  const wait = (enough: (bytes: Buffer) => boolean): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const bytes = Buffer.concat(chunks);
        if (!enough(bytes)) return;
        waiting.delete(look);
        resolve(bytes);
      };
      waiting.add(look);
      look();
      void ended.then((how) => {
        look();
        if (waiting.has(look))
          reject(
            new Error(
              `ended (${how}) after ${JSON.stringify(Buffer.concat(chunks).toString("latin1").slice(0, 500))}`,
            ),
          );
      });
    });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    // A reset right behind the accept is an ending that the test looks at, not a failure to connect.
    socket.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve() : reject(error),
    );
  });
  return {
    socket,
    ended,
    bytes: () => Buffer.concat(chunks),
    received: (length) => wait((bytes) => bytes.length >= length),
    receivedText: async (text) => (await wait((bytes) => bytes.includes(text))).toString("latin1"),
    whole: async () => {
      await ended;
      return Buffer.concat(chunks);
    },
  };
}

/** Deterministic bytes that differ everywhere: a gap, repeat or swap changes the whole. */
export function patternBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}

/** AMPS-framed bytes: a 4-byte big-endian length, then the text. */
export function frame(text: string): Buffer {
  const body = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}
