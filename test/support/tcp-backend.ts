/** A real TCP server on a free loopback port that counts and keeps what it gets: the far end of engine tests. */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { howEnded } from "./how-ended.ts";

export interface TcpBackend {
  readonly port: number;
  /** Every connection so far, in order. */
  readonly connections: readonly ReceivedConnection[];
  /** Bytes received and sent over all connections. */
  totals(): { readonly received: number; readonly sent: number };
  /** The connection number `index` (0 is the first), waiting for it where it is still to come. */
  connection(index: number): Promise<ReceivedConnection>;
  /** Forgets the connections so far: health probes are no clients. */
  forget(): void;
  close(): Promise<void>;
}

export interface ReceivedConnection {
  readonly socket: Socket;
  /** What has arrived so far. */
  bytes(): Buffer;
  /** Resolves when `length` bytes have arrived. */
  received(length: number): Promise<Buffer>;
  /** Resolves with `end`, or the code of the error that ended it. */
  readonly ended: Promise<string>;
}

export interface TcpBackendOptions {
  /** Called for every connection, before anything is read; default: keep what comes, answer nothing. */
  readonly onConnection?: (socket: Socket) => void;
  /** Do not read at all. */
  readonly deaf?: boolean;
  readonly port?: number;
}

function keep(socket: Socket, deaf: boolean): ReceivedConnection {
  const chunks: Buffer[] = [];
  let size = 0;
  const waiting = new Set<() => void>();
  const ended = howEnded(socket);
  if (!deaf) {
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      for (const look of waiting) look();
    });
  }
  return {
    socket,
    ended,
    bytes: () => Buffer.concat(chunks),
    received: (length) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (size < length) return;
          waiting.delete(look);
          resolve(Buffer.concat(chunks));
        };
        waiting.add(look);
        look();
      }),
  };
}

export async function startTcpBackend(options: TcpBackendOptions = {}): Promise<TcpBackend> {
  const connections: ReceivedConnection[] = [];
  const waiting: (() => void)[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.push(keep(socket, options.deaf === true));
    options.onConnection?.(socket);
    for (const look of waiting.splice(0)) look();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const connection = (index: number): Promise<ReceivedConnection> => {
    const found = connections[index];
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => waiting.push(() => resolve(connection(index))));
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    totals: () => ({
      received: connections.reduce((sum, { socket }) => sum + socket.bytesRead, 0),
      sent: connections.reduce((sum, { socket }) => sum + socket.bytesWritten, 0),
    }),
    connection,
    forget() {
      for (const { socket } of connections.splice(0)) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
