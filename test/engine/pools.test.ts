/** Routes to a pool: placing, trying the next member, and holding guarded clients rather than moving them. */
import { expect, test } from "vitest";
import { runSandbox } from "../sandbox/running-sandbox.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type TcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

async function setUp(pool: object, clients: string, backends: Readonly<Record<string, object>> = {}) {
  const members: Record<string, TcpBackend> = {};
  for (const id of ["one", "two", "three"]) {
    const backend = await startTcpBackend({ onConnection: (socket) => socket.pipe(socket) });
    members[id] = backend;
    cleanUp(() => backend.close());
  }
  const port = await freePort();
  const document = {
    version: 1,
    backends: Object.entries(members).map(([id, backend]) => ({
      id,
      amps: `tcp://127.0.0.1:${backend.port}`,
      ...backends[id],
    })),
    pools: [{ id: "all", members: ["one", "two", "three"], ...pool }],
    routes: [{ id: "r", listen: port, transport: "amps", target: "all", clients }],
  };
  const running = await runEngine(document);
  for (const backend of Object.values(members)) backend.forget();
  const speak = async () => {
    const client = await connectTcp(port);
    client.socket.write(frame("{}"));
    await client.received(6);
    return client;
  };
  const shares = () =>
    Object.fromEntries(Object.entries(members).map(([id, { connections }]) => [id, connections.length]));
  return { ...running, members, port, document, speak, shares };
}

test.each([
  [{ balance: "primary" }, { one: 12, two: 0, three: 0 }],
  [{ balance: "round-robin" }, { one: 4, two: 4, three: 4 }],
  [
    { balance: "round-robin", weights: { one: 3, two: 2 } },
    { one: 6, two: 4, three: 2 },
  ],
  [
    { balance: "round-robin", weights: { two: 0 } },
    { one: 6, two: 0, three: 6 },
  ],
  [{ balance: "least-connections" }, { one: 4, two: 4, three: 4 }],
  [
    { balance: "least-connections", weights: { one: 2 } },
    { one: 6, two: 3, three: 3 },
  ],
])("12 subscribers over %j are placed as %j", async (pool, expected) => {
  const { speak, shares, snapshot } = await setUp(pool, "subscribers");
  for (let client = 0; client < 12; client++) await speak();
  expect(shares()).toEqual(expected);
  expect(new Set((await snapshot()).connections.map(({ why }) => why))).toEqual(new Set([pool.balance]));
});

test("subscribers go on to the next member when one refuses, and the route says that it is degraded", async () => {
  const { members, speak, shares, route } = await setUp({ balance: "primary" }, "subscribers");
  await members["one"]?.close();
  await speak();
  expect(shares()).toMatchObject({ two: 1 });
  // One refusal is no verdict: the second look comes within a second.
  await until(async () => (await route("r")).state === "degraded");
  expect(await route("r")).toMatchObject({ targetHealth: "degraded", connections: { refused: 0 } });
});

test("a drained member takes no new subscribers", async () => {
  const { speak, shares } = await setUp({ balance: "round-robin" }, "subscribers", {
    two: { drained: true },
  });
  for (let client = 0; client < 4; client++) await speak();
  expect(shares()).toEqual({ one: 2, two: 0, three: 2 });
});

test.each(["publishers", "queue-consumers", "bookmark-subscribers", "mixed"])(
  "%s all go to the active member, and are refused rather than moved",
  async (clients) => {
    const { members, port, speak, shares, route, snapshot, activity } = await setUp(
      { balance: "round-robin" },
      clients,
    );
    for (let client = 0; client < 3; client++) await speak();
    expect(shares()).toEqual({ one: 3, two: 0, three: 0 });
    await members["one"]?.close();
    for (let attempt = 0; attempt < 3; attempt++) {
      const client = await connectTcp(port);
      client.socket.write(frame("{}"));
      expect(await client.ended).toBe("ECONNRESET");
    }
    expect(shares()).toMatchObject({ two: 0, three: 0 });
    expect(await route("r")).toMatchObject({
      state: "held",
      reason: expect.stringContaining("Held: one, the active member of pool all"),
    });
    expect((await snapshot()).pools[0]).toMatchObject({
      active: "one",
      held: expect.stringContaining("one→two was never seen"),
    });
    expect((await activity()).some((entry) => entry.code === "ROUTE_HELD")).toBe(true);
  },
);

test("when no member takes a subscriber, it is refused and told", async () => {
  const { members, port, activity } = await setUp({ balance: "round-robin" }, "subscribers");
  for (const member of Object.values(members)) await member.close();
  const client = await connectTcp(port);
  client.socket.write(frame("{}"));
  expect(await client.ended).toBe("ECONNRESET");
  expect((await activity()).some((entry) => entry.code === "NO_MEMBER_UP")).toBe(true);
});

test("a burst of subscribers is spread: those still being connected count", async () => {
  const { speak, shares } = await setUp({ balance: "least-connections" }, "subscribers");
  await Promise.all(Array.from({ length: 30 }, () => speak()));
  expect(shares()).toEqual({ one: 10, two: 10, three: 10 });
});

test("60 subscribers go where the instances' own statistics show the processor idle", async () => {
  const loads = { "amps-a": { cpu: 0.2, memory: 0.5 }, "amps-b": { cpu: 0.5, memory: 0.5 } };
  const { handle } = await runSandbox({ loads, statisticsIntervalMs: 60_000 });
  const { backends } = await handle.config();
  const port = await freePort();
  const { snapshot, until: untilSnapshot } = await runEngine(
    {
      version: 1,
      backends,
      pools: [{ id: "all", members: ["amps-a", "amps-b"], balance: "least-load" }],
      routes: [{ id: "r", listen: port, transport: "amps", target: "all", clients: "subscribers" }],
    },
    { statistics: {} },
  );
  await untilSnapshot(({ backends: seen }) => seen.every(({ load }) => load?.cpu !== null && load));
  for (let client = 1; client <= 60; client++) {
    await connectTcp(port);
    await untilSnapshot(
      ({ connections }) => connections.filter(({ backend }) => backend !== "").length === client,
    );
  }
  const shares = (await snapshot()).backends.map(({ connections }) => connections);
  // 30 connections, at a hundredth each, make up the difference; the rest is shared.
  expect(shares).toEqual([45, 15]);
  expect((await snapshot()).connections[0]?.why).toBe("least-load (cpu 20 %)");
});

test.each(["subscribers", "publishers"])(
  "replication to a pool goes to its first member and is never balanced or moved (clients: %s)",
  async (clients) => {
    const { members, document, port, apply, route, engine, snapshot } = await setUp(
      { balance: "round-robin" },
      clients,
    );
    const backends = document.backends.map(({ id, amps }) => ({ id, replication: amps }));
    const routes = document.routes.map((one) => ({ ...one, transport: "replication" }));
    await apply({ ...document, backends, routes });
    const reached = async () => {
      const client = await connectTcp(port);
      client.socket.write(frame("{}"));
      await client.received(6);
    };
    await reached();
    await reached();
    await engine.promote("all", "two");
    await reached();
    expect((await snapshot()).connections.map(({ backend, why }) => [backend, why])).toEqual(
      Array.from({ length: 3 }, () => ["one", "first member: replication is never moved"]),
    );
    await members["one"]?.close();
    const refused = await connectTcp(port);
    expect(await refused.ended).toBe("ECONNRESET");
    expect((await route("r")).state).toBe("listening");
  },
);
