/** A direct socket is read past the streams, or as any stream, whichever is asked for; and what it gave out stays as it was. */
import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { DirectSocket, readDirectly, stopReading } from "../../app/forward/direct-socket.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const bytes = patternBytes(3_000_000, 7);

/** A direct socket, and its other end. */
async function connectPair(): Promise<{ readonly direct: DirectSocket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  cleanUp(() => void server.close());
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
  );
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const direct = new DirectSocket({ allowHalfOpen: true });
  direct.connect(port, "127.0.0.1");
  const far = await accepted;
  for (const socket of [direct, far]) {
    socket.on("error", () => undefined);
    cleanUp(() => void socket.destroy());
  }
  return { direct, far };
}

test("read directly, from two sockets in turns: all of it, in order, and nothing is written over", async () => {
  const pairs = [await connectPair(), await connectPair()];
  const read = pairs.map(({ direct, far }) => {
    const chunks: Buffer[] = [];
    readDirectly(direct, (chunk) => void chunks.push(chunk));
    far.end(bytes);
    return { chunks, ended: new Promise((resolve) => direct.once("end", resolve)) };
  });
  for (const { chunks, ended } of read) {
    await ended;
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  }
});

test("paused, it is read no further than one read, and goes on where it stopped", async () => {
  const { direct, far } = await connectPair();
  const chunks: Buffer[] = [];
  readDirectly(direct, (chunk) => {
    chunks.push(chunk);
    direct.pause();
  });
  far.end(Buffer.concat(Array.from({ length: 20 }, () => bytes)));
  let ended = false;
  direct.once("end", () => (ended = true));
  await until(() => chunks.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(chunks).toHaveLength(1);
  // More than the system's buffers take has to wait at its sender.
  expect(far.writableLength).toBeGreaterThan(0);
  while (!ended) {
    direct.resume();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const whole = Buffer.concat(chunks);
  expect(whole.length).toBe(20 * bytes.length);
  expect(whole.subarray(-bytes.length).equals(bytes)).toBe(true);
});

test("given to a reader and back, it loses nothing, and a slow stream holds its sender up", async () => {
  const { direct, far } = await connectPair();
  const chunks: Buffer[] = [];
  const length = (): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const reader = (chunk: Buffer): void => {
    chunks.push(chunk);
    // As one that leaves its connection to somebody else.
    if (length() > 200_000) {
      direct.pause();
      stopReading(direct, reader);
    }
  };
  far.write("as a stream, ");
  await until(() => direct.readableLength === 13);
  readDirectly(direct, reader);
  far.end(bytes);
  await until(() => direct.listenerCount("data") === 0);
  const ended = new Promise((resolve) => direct.once("end", resolve));
  for await (const chunk of direct) {
    chunks.push(chunk as Buffer);
    expect(direct.readableLength).toBeLessThan(direct.readableHighWaterMark + 64 * 1024);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  expect(Buffer.concat(chunks).equals(Buffer.concat([Buffer.from("as a stream, "), bytes]))).toBe(true);
});
