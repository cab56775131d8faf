/** Backend health is observed, not configured: probes, and every dial that routes make. */
import { describe, expect, test } from "vitest";
import { startHttpBackend } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp } from "../support/tcp-client.ts";

cleanUpAfterEach();

const quick = { probeIntervalMs: 50, probeDownIntervalMs: 50 };

test("a listening route whose backend is down says both, and the backend's return is seen and told", async () => {
  const backendPort = await freePort();
  const {
    route,
    snapshot,
    until: untilSnapshot,
    activity,
  } = await runEngine(
    {
      version: 1,
      backends: [{ id: "b", amps: `tcp://127.0.0.1:${backendPort}` }],
      routes: [{ id: "r", listen: await freePort(), transport: "amps", target: "b" }],
    },
    quick,
  );
  expect(await route("r")).toMatchObject({
    state: "listening",
    targetHealth: "down",
    targetReason: expect.stringContaining("refused the connection"),
  });
  expect((await snapshot()).backends[0]?.endpoints[0]).toMatchObject({
    kind: "amps",
    health: "down",
    latencyMs: null,
  });
  const backend = await startTcpBackend({ port: backendPort });
  cleanUp(() => backend.close());
  await untilSnapshot((now) => now.backends[0]?.health === "up");
  expect(await route("r")).toMatchObject({ targetHealth: "up", targetReason: null });
  expect((await snapshot()).backends[0]?.endpoints[0]?.latencyMs).toBeGreaterThan(0);
  expect(
    (await activity()).map((entry) => entry.event).filter((event) => event.startsWith("backend")),
  ).toEqual(["backend-down", "backend-up"]);
  await backend.close();
  await untilSnapshot((now) => now.backends[0]?.health === "down");
});

test.each([
  ["AMPS's own name", "up", { status: 200, body: '{"amps":{"instance":{"name":"PROD-1"}}}' }, "PROD-1", null],
  ["a login", "up", { status: 401, body: "" }, null, "Asks for authentication (401)."],
  [
    "some other server's page",
    "degraded",
    { status: 200, body: "<html>" },
    null,
    "not as AMPS's admin interface does",
  ],
  ["an error", "degraded", { status: 503, body: "" }, null, "Answered 503"],
])(
  "an admin endpoint that answers with %s is %s",
  async (_name, health, { status, body }, instanceName, reason) => {
    const server = await startTcpBackend({
      onConnection: (socket) =>
        socket.once("data", () =>
          socket.end(`HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
        ),
    });
    cleanUp(() => server.close());
    const { snapshot } = await runEngine({
      version: 1,
      backends: [{ id: "b", admin: `http://127.0.0.1:${server.port}` }],
      routes: [{ id: "r", listen: await freePort(), path: "/b", target: "b" }],
    });
    const [backend] = (await snapshot()).backends;
    expect(backend).toMatchObject({ health, instanceName });
    if (reason === null) expect(backend?.reason).toBeNull();
    else expect(backend?.reason).toContain(reason);
    expect((await server.connection(0)).bytes().toString()).toMatch(
      /^GET \/amps\/instance\/name\.json HTTP\/1\.1\r\n/,
    );
  },
);

test("an admin endpoint that does not speak HTTP is down, with the reason", async () => {
  const server = await startTcpBackend({
    onConnection: (socket) => socket.end("\u0000\u0000\u0000\u0011{}"),
  });
  cleanUp(() => server.close());
  const { snapshot } = await runEngine({
    version: 1,
    backends: [{ id: "b", admin: `http://127.0.0.1:${server.port}` }],
    routes: [{ id: "r", listen: await freePort(), path: "/b", target: "b" }],
  });
  expect((await snapshot()).backends[0]).toMatchObject({
    health: "down",
    reason: expect.stringContaining("Did not answer in HTTP"),
  });
});

test("only endpoints that enabled routes use are probed, until the operator asks for all", async () => {
  const amps = await startTcpBackend();
  const http = await startHttpBackend();
  cleanUp(() => amps.close());
  cleanUp(() => http.close());
  const routes = [{ id: "r", listen: await freePort(), transport: "amps", target: "b" }];
  const { engine, snapshot, apply } = await runEngine({
    version: 1,
    backends: [{ id: "b", amps: `tcp://127.0.0.1:${amps.port}`, admin: `http://127.0.0.1:${http.port}` }],
    routes,
  });
  const healths = async () =>
    Object.fromEntries(
      (await snapshot()).backends[0]?.endpoints.map(({ kind, health }) => [kind, health]) ?? [],
    );
  expect(await healths()).toEqual({ amps: "up", admin: "unknown" });
  expect(await engine.probeBackend("b")).toEqual({ ok: true, value: null });
  expect(await healths()).toEqual({ amps: "up", admin: "up" });
  expect((await snapshot()).backends[0]?.instanceName).toBe("test");
  await apply({ version: 1, backends: [{ id: "c", amps: `tcp://127.0.0.1:${amps.port}` }], routes: [] });
  expect((await snapshot()).backends[0]).toMatchObject({
    id: "c",
    health: "unknown",
    reason: "Not used by an enabled route, so not probed.",
  });
});

test("a backend whose address is edited starts afresh", async () => {
  const [one, two] = [await startTcpBackend(), await freePort()];
  cleanUp(() => one.close());
  const routes = [{ id: "r", listen: await freePort(), transport: "amps", target: "b" }];
  const document = (port: number) => ({
    version: 1,
    backends: [{ id: "b", amps: `tcp://127.0.0.1:${port}` }],
    routes,
  });
  const { apply, snapshot } = await runEngine(document(one.port));
  expect((await snapshot()).backends[0]?.health).toBe("up");
  await apply(document(two));
  await until(async () => (await snapshot()).backends[0]?.health === "down");
});

describe("an endpoint that is known", () => {
  async function watched(options: { fall: number; rise: number }) {
    const port = await freePort();
    const first = await startTcpBackend({ port });
    cleanUp(() => first.close());
    const listen = await freePort();
    const running = await runEngine(
      {
        version: 1,
        backends: [{ id: "b", amps: `tcp://127.0.0.1:${port}` }],
        routes: [{ id: "r", listen, transport: "amps", target: "b" }],
      },
      options,
    );
    const health = async () => (await running.snapshot()).backends[0]?.health;
    return { ...running, first, port, listen, health, probe: () => running.engine.probeBackend("b") };
  }

  test("goes down after so many failures in a row, and comes up after so many successes", async () => {
    const { first, port, health, probe } = await watched({ fall: 3, rise: 2 });
    const looks = async (count: number) => {
      const seen = [];
      for (let at = 0; at < count; at++) {
        await probe();
        seen.push(await health());
      }
      return seen;
    };
    await first.close();
    expect(await looks(3)).toEqual(["up", "up", "down"]);
    const second = await startTcpBackend({ port });
    cleanUp(() => second.close());
    expect(await looks(1)).toEqual(["down"]);
    await second.close();
    expect(await looks(1)).toEqual(["down"]);
    const third = await startTcpBackend({ port });
    cleanUp(() => third.close());
    expect(await looks(2)).toEqual(["down", "up"]);
  });

  test("goes down by refused dials of clients alone", async () => {
    const { first, listen, health, route } = await watched({ fall: 2, rise: 2 });
    await first.close();
    for (const expected of ["up", "down"]) {
      const client = await connectTcp(listen);
      expect(await client.ended).toBe("ECONNRESET");
      expect(await health()).toBe(expected);
    }
    expect(await route("r")).toMatchObject({
      targetReason: expect.stringContaining("refused the connection"),
    });
  });

  test("is looked at again within a second once something speaks against it", async () => {
    const { first, listen, health } = await watched({ fall: 2, rise: 2 });
    await first.close();
    const client = await connectTcp(listen);
    await client.ended;
    const since = performance.now();
    await until(async () => (await health()) === "down");
    expect(performance.now() - since).toBeLessThan(2_000);
  });
});
