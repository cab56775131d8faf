/** Many TCP clients in this process; ports run out per address, so that they come from 127.0.0.2 and on. */
import { connect, type Socket } from "node:net";

interface ConnectOptions {
  /** Sent first; resolves when something has come back. */
  readonly hello?: string;
  /** Chooses the local address. */
  readonly number?: number;
}

export function open(port: number, { hello, number = 0 }: ConnectOptions = {}): Promise<Socket> {
  const localAddress = `127.0.0.${2 + (number % 8)}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress, noDelay: true, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      if (hello === undefined) return resolve(socket);
      socket.write(hello);
      socket.once("data", () => resolve(socket));
    });
  });
}

/** Opens so many, 50 at a time. */
export async function openMany(port: number, count: number, options: ConnectOptions = {}): Promise<Socket[]> {
  const sockets: Socket[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++)
      sockets.push(await open(port, { ...options, number }));
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  return sockets;
}

/** Sends one byte and waits for it to come back; milliseconds. */
export function ping(socket: Socket, limitMs = 30_000): Promise<number> {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const timer = setTimeout(() => reject(new Error("no answer")), limitMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve(performance.now() - from);
    };
    socket.once("data", done);
    socket.write("x");
  });
}

/** Pings all of them once, spread evenly over the time. */
export async function pingAll(sockets: readonly Socket[], overMs: number): Promise<number[]> {
  const took: number[] = [];
  const pings = sockets.map(async (socket, at) => {
    await new Promise((resolve) => setTimeout(resolve, (at * overMs) / sockets.length));
    took.push(await ping(socket));
  });
  await Promise.all(pings);
  return took;
}

export function watchLosses(sockets: readonly Socket[]): () => number {
  let lost = 0;
  for (const socket of sockets) {
    socket.on("error", () => undefined);
    socket.on("close", () => lost++);
  }
  return () => lost;
}
