/** Whatever the chunks, the pauses and the cut: the receiver holds an exact prefix, and only a whole stream ends cleanly. */
import fc from "fast-check";
import type { EngineOptions } from "../../app/engine/engine-options.ts";
import { resetSocket } from "../../app/forward/reset.ts";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame, patternBytes, type TcpClient } from "../support/tcp-client.ts";

cleanUpAfterEach();

const ways = {
  "a port route": { route: { transport: "replication" }, head: Buffer.alloc(0), answer: "" },
  "an amps port route": { route: { transport: "amps" }, head: frame("{}"), answer: "" },
  "a preflight on a path route": {
    route: { path: "/x" },
    head: Buffer.from(
      "GET /x/amps/json HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
    ),
    answer: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
  },
} as const;

const plan = fc.record({
  chunks: fc.array(fc.integer({ min: 1, max: 65_536 }), { minLength: 1, maxLength: 20 }),
  pauseEvery: fc.integer({ min: 1, max: 8 }),
  reading: fc.constantFrom("all the time", "late"),
  ending: fc.constantFrom("end", "end", "client resets", "backend resets"),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

async function writeChunks(
  socket: Socket,
  bytes: Buffer,
  chunks: readonly number[],
  pauseEvery: number,
): Promise<void> {
  let at = 0;
  for (const [index, size] of chunks.entries()) {
    socket.write(bytes.subarray(at, at + size));
    at += size;
    if (index % pauseEvery === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const movers: readonly EngineOptions[] = [{}, { native: { missing: "left out" } }];
const cases = Object.entries(ways).flatMap(([name, way]) =>
  movers.map(
    (options) => [name, options.native ? "Node.js alone" : "what the product has", way, options] as const,
  ),
);

/** Over all cases: for the proof a thousand by day and twenty thousand by night. */
const wanted = { day: 1_000, night: 20_000 }[process.env["SHUNT_PROOF"] ?? ""];
const numRuns = wanted === undefined ? 30 : Math.ceil(wanted / cases.length);
const patience = { timeout: 60_000 + numRuns * 500 };

test.each(cases)(
  "over %s, moved by %s",
  patience,
  async (_name, _mover, { route, head, answer }, options) => {
    const backend = await startTcpBackend();
    cleanUp(() => backend.close());
    const port = await freePort();
    const running = await runEngine(
      {
        version: 1,
        backends: [
          {
            id: "b",
            amps: `tcp://127.0.0.1:${backend.port}`,
            replication: `tcp://127.0.0.1:${backend.port}`,
          },
        ],
        routes: [{ id: "r", listen: port, target: "b", ...route }],
      },
      options,
    );
    backend.forget();
    const opening = Buffer.from(head.toString("latin1").replace("{port}", String(port)), "latin1");
    // What the client sends first that is payload: all but an HTTP head.
    const payloadHead = answer === "" ? opening : Buffer.alloc(0);

    const property = async ({
      chunks,
      pauseEvery,
      reading,
      ending,
      seed,
    }: typeof plan extends fc.Arbitrary<infer Plan> ? Plan : never) => {
      backend.forget();
      const size = chunks.reduce((sum, one) => sum + one, 0);
      const [up, down] = [patternBytes(size, seed), patternBytes(size, seed + 1)];
      const client: TcpClient = await connectTcp(port);
      client.socket.write(opening);
      if (answer !== "") await client.received(answer.length);
      const far = await backend.connection(0);
      if (reading === "late") client.socket.pause();
      const sending = Promise.all([
        writeChunks(client.socket, up, chunks, pauseEvery),
        writeChunks(far.socket, down, chunks, pauseEvery),
      ]);
      if (ending === "client resets") setTimeout(() => resetSocket(client.socket), 1 + (seed % 5));
      if (ending === "backend resets") setTimeout(() => resetSocket(far.socket), 1 + (seed % 5));
      await sending;
      client.socket.resume();
      if (ending === "end") {
        client.socket.end();
        far.socket.end();
      }
      const [clientEnd, farEnd] = await Promise.all([client.ended, far.ended]);
      const got = client.bytes().subarray(answer.length);
      const farGot = far.bytes();
      const sent = Buffer.concat([payloadHead, up]);
      expect(got.equals(down.subarray(0, got.length))).toBe(true);
      expect(farGot.equals(sent.subarray(0, farGot.length))).toBe(true);
      if (ending === "end") {
        expect([clientEnd, farEnd, got.length, farGot.length]).toEqual([
          "end",
          "end",
          down.length,
          sent.length,
        ]);
      } else if (ending === "backend resets") expect(clientEnd).not.toBe("end");
      else expect(farEnd).not.toBe("end");
    };
    await fc.assert(fc.asyncProperty(plan, property), { numRuns });
    await until(async () => (await running.snapshot()).connections.length === 0);
  },
);

test("a preflight on a port route, its frames and its end in one write: all of it arrives", async () => {
  const backend = await startTcpBackend({
    onConnection: (socket) => socket.on("end", () => socket.end("bye")),
  });
  cleanUp(() => backend.close());
  const port = await freePort();
  await runEngine({
    version: 1,
    backends: [{ id: "b", amps: `tcp://127.0.0.1:${backend.port}` }],
    routes: [{ id: "r", listen: port, target: "b", transport: "amps" }],
  });
  backend.forget();
  for (const size of [0, 10, 100_000, 1_000_000]) {
    backend.forget();
    const client = await connectTcp(port);
    const payload = Buffer.concat([frame("{}"), patternBytes(size)]);
    const head = `GET /amps/json HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
    client.socket.end(Buffer.concat([Buffer.from(head), payload]));
    expect((await client.whole()).toString()).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nbye$/);
    expect((await backend.connection(0)).bytes().equals(payload)).toBe(true);
  }
});
