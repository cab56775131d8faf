/** Under any conditions bytes are late, slow, in pieces or missing at the end; never altered, repeated or reordered. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Conditions } from "../../app/contract/conditions.ts";
import { startEchoBackend } from "../support/echo-backend.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const ms = (most: number) => fc.integer({ min: 0, max: most });
const shape: fc.Arbitrary<Conditions> = fc.record(
  {
    direction: fc.constantFrom("both", "to-backend", "to-client"),
    latencyMs: ms(15),
    jitterMs: ms(15),
    bandwidthKBps: fc.integer({ min: 2_000, max: 100_000 }),
    slicer: fc.record({ bytes: fc.integer({ min: 200, max: 5_000 }), delayMs: fc.constant(0) }),
  },
  { requiredKeys: [] },
);

test("what goes in comes back whole and in order, whatever the conditions and their changes", async () => {
  const backend = await startEchoBackend();
  const proxy = await startFaultProxy(backend.port);
  const plan = fc.record({
    first: fc.option(shape),
    second: fc.option(shape),
    chunks: fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 6 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ first, second, chunks, seed }) => {
      proxy.set(first);
      const client = await connectTcp(proxy.port);
      const sent = patternBytes(
        chunks.reduce((sum, size) => sum + size, 0),
        seed,
      );
      let at = 0;
      for (const size of chunks) client.socket.write(sent.subarray(at, (at += size)));
      await new Promise((resolve) => setTimeout(resolve, 3));
      proxy.set(second);
      client.socket.end();
      expect((await client.whole()).equals(sent)).toBe(true);
      expect(await client.ended).toBe("end");
    }),
    { numRuns: 60 },
  );
});

test("a slow reader behind a fast conditioned backend slows the backend", async () => {
  const backend = await startTcpBackend({
    onConnection: (socket) => {
      const flood = (): void => {
        while (socket.write(Buffer.alloc(65_536)));
        socket.once("drain", flood);
      };
      flood();
    },
  });
  cleanUp(() => backend.close());
  const proxy = await startFaultProxy(backend.port, { latencyMs: 10 });
  const client = await connectTcp(proxy.port);
  client.socket.pause();
  let before = -1;
  // What is under way is in kernels and in one bounded lane; then it stands still.
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = backend.totals().sent;
    const isStill = now === before && now > 0;
    before = now;
    return isStill;
  });
  expect(before).toBeLessThan(32 * 1024 * 1024);
});

test("latency delays, bandwidth paces: neither comes early", async () => {
  const backend = await startEchoBackend();
  const proxy = await startFaultProxy(backend.port, { latencyMs: 150 });
  const client = await connectTcp(proxy.port);
  let from = performance.now();
  client.socket.write("hello");
  await client.received(5);
  expect(performance.now() - from).toBeGreaterThanOrEqual(295);
  proxy.set({ bandwidthKBps: 100, direction: "to-client" });
  from = performance.now();
  client.socket.write(Buffer.alloc(40_000));
  await client.received(40_005);
  expect(performance.now() - from).toBeGreaterThanOrEqual(340);
});

test("limit: exactly so many bytes, then a close", async () => {
  const backend = await startEchoBackend();
  const proxy = await startFaultProxy(backend.port, {
    direction: "to-client",
    fault: { do: "limit", bytes: 1_000 },
  });
  const client = await connectTcp(proxy.port);
  const sent = patternBytes(5_000);
  client.socket.write(sent);
  expect((await client.whole()).equals(sent.subarray(0, 1_000))).toBe(true);
});

test("reset: both sides are broken off, and what came is a prefix", async () => {
  const backend = await startTcpBackend();
  cleanUp(() => backend.close());
  const proxy = await startFaultProxy(backend.port, { fault: { do: "reset", afterMs: 50 } });
  const client = await connectTcp(proxy.port);
  client.socket.write("abc");
  expect(await client.ended).toBe("ECONNRESET");
  const far = await backend.connection(0);
  expect(await far.ended).toBe("ECONNRESET");
  expect("abc".startsWith(far.bytes().toString())).toBe(true);
});

test("half-open: the backend is broken off, the client is left alone until the conditions end", async () => {
  const backend = await startTcpBackend();
  cleanUp(() => backend.close());
  const proxy = await startFaultProxy(backend.port, { fault: { do: "half-open", afterMs: 0 } });
  const client = await connectTcp(proxy.port);
  const far = await backend.connection(0);
  expect(await far.ended).toBe("ECONNRESET");
  client.socket.write("into the void");
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(client.socket.destroyed).toBe(false);
  proxy.set(null);
  expect(await client.ended).toBe("ECONNRESET");
});

test("blackhole: nothing passes, and everything passes once it ends", async () => {
  const backend = await startEchoBackend();
  const proxy = await startFaultProxy(backend.port, { fault: { do: "blackhole", closeAfterMs: 0 } });
  const client = await connectTcp(proxy.port);
  const sent = patternBytes(100_000);
  client.socket.write(sent);
  client.socket.end();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(client.bytes().length).toBe(0);
  proxy.set(null);
  expect((await client.whole()).equals(sent)).toBe(true);
});

test("blackhole with a time: broken off when it is over", async () => {
  const backend = await startEchoBackend();
  const proxy = await startFaultProxy(backend.port, { fault: { do: "blackhole", closeAfterMs: 80 } });
  const client = await connectTcp(proxy.port);
  client.socket.write("abc");
  expect(await client.ended).toBe("ECONNRESET");
  expect(client.bytes().length).toBe(0);
});

test("a backend's reset stays a reset behind latency, after the bytes before it", async () => {
  const bytes = patternBytes(50_000);
  const backend = await startTcpBackend({
    onConnection: (socket) =>
      socket.once("data", () => socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 100))),
  });
  cleanUp(() => backend.close());
  const proxy = await startFaultProxy(backend.port, { latencyMs: 40 });
  const client = await connectTcp(proxy.port);
  client.socket.write("go");
  expect(await client.ended).toBe("ECONNRESET");
  expect(client.bytes().equals(bytes.subarray(0, client.bytes().length))).toBe(true);
});
