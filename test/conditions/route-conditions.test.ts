/** Conditions on a route of the engine: timed, told, refused on production, and gone without a trace. */
import { expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { runService } from "../service/running-service.ts";
import { startEchoBackend } from "../support/echo-backend.ts";
import { startHttpBackend } from "../support/http-backend.ts";
import { exchange, get } from "../support/raw-http.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const minute = { forMs: 60_000, reconnect: false };

async function echoRoute(environment: string | null = null) {
  const backend = await startEchoBackend();
  const port = await freePort();
  const document = {
    version: 1,
    backends: [
      {
        id: "b",
        replication: `tcp://127.0.0.1:${backend.port}`,
        ...(environment !== null && { environment }),
      },
    ],
    routes: [{ id: "r", listen: port, transport: "replication", target: "b" }],
  };
  return { document, port, ...(await runEngine(document)) };
}

async function roundTripMs(port: number): Promise<number> {
  const client = await connectTcp(port);
  const from = performance.now();
  client.socket.write("x");
  await client.received(1);
  const took = performance.now() - from;
  client.socket.destroy();
  return took;
}

test("connections that come under conditions bear them; those from before do not; the route says so", async () => {
  const { engine, port, route, activity } = await echoRoute();
  const early = await connectTcp(port);
  early.socket.write("x");
  await early.received(1);
  expect(await engine.setConditions("r", { latencyMs: 120, jitterMs: 10 }, minute)).toMatchObject({
    ok: true,
    value: { says: "latency 120 ms ± 10 ms" },
  });
  expect(await roundTripMs(port)).toBeGreaterThan(215);
  const sent = patternBytes(300_000);
  early.socket.write(sent);
  expect((await early.received(300_001)).subarray(1).equals(sent)).toBe(true);
  expect((await route("r")).conditions).toMatchObject({ conditions: { latencyMs: 120 } });
  await engine.clearConditions("r");
  expect((await route("r")).conditions).toBeNull();
  expect((await activity()).map(({ event }) => event)).toEqual(
    expect.arrayContaining(["conditions-set", "conditions-ended"]),
  );
});

test("conditions end by themselves, and open connections go on without them", async () => {
  const { engine, port, route } = await echoRoute();
  await engine.setConditions(
    "r",
    { fault: { do: "blackhole", closeAfterMs: 0 } },
    { ...minute, forMs: 1_000 },
  );
  const client = await connectTcp(port);
  client.socket.write("held");
  expect((await client.received(4)).toString()).toBe("held");
  expect((await route("r")).conditions).toBeNull();
});

test("down cuts what is open and refuses what comes", async () => {
  const { engine, port, activity } = await echoRoute();
  const early = await connectTcp(port);
  early.socket.write("x");
  await early.received(1);
  await engine.setConditions("r", { fault: { do: "down" } }, minute);
  expect(await early.ended).toBe("ECONNRESET");
  expect(await (await connectTcp(port)).ended).toBe("ECONNRESET");
  expect((await activity()).some(({ code }) => code === "CONDITIONS_DOWN")).toBe(true);
  await engine.clearConditions("r");
  expect(await roundTripMs(port)).toBeGreaterThan(0);
});

test("reconnect cuts the open connections, so that clients come back under the conditions", async () => {
  const { engine, port } = await echoRoute();
  const early = await connectTcp(port);
  early.socket.write("x");
  await early.received(1);
  await engine.setConditions("r", { latencyMs: 5 }, { ...minute, reconnect: true });
  expect(await early.ended).toBe("ECONNRESET");
});

test.each(["prod", "PROD", " production "])("refused where a backend is %j", async (environment) => {
  const { engine } = await echoRoute(environment);
  expect(await engine.setConditions("r", { latencyMs: 5 }, minute)).toMatchObject({
    ok: false,
    failure: { code: "CONDITIONS_REFUSED" },
  });
});

test("refused where any member of the pool is production, and ended when one becomes it", async () => {
  const { engine, document, apply, route } = await echoRoute();
  await engine.setConditions("r", { latencyMs: 5 }, minute);
  const [backend] = document.backends;
  await apply({
    ...document,
    backends: [backend, { ...backend, id: "p", environment: "prod" }],
    pools: [{ id: "pool", members: ["b", "p"] }],
    routes: [{ ...document.routes[0], target: "pool" }],
  });
  expect((await route("r")).conditions).toBeNull();
  expect(await engine.setConditions("r", { latencyMs: 5 }, minute)).toMatchObject({
    failure: { code: "CONDITIONS_REFUSED" },
  });
});

test("HTTP on a path route bears them too, and answers stay whole", async () => {
  const admin = await startHttpBackend();
  cleanUp(() => admin.close());
  const port = await freePort();
  const { engine } = await runEngine({
    version: 1,
    backends: [{ id: "b", admin: `http://127.0.0.1:${admin.port}` }],
    routes: [{ id: "r", listen: port, path: "/x", target: "b" }],
  });
  await engine.setConditions("r", { latencyMs: 60, slicer: { bytes: 20, delayMs: 1 } }, minute);
  const from = performance.now();
  const answer = await exchange(port, get("/x/a?b"));
  expect(answer.status).toBe(200);
  expect(performance.now() - from).toBeGreaterThanOrEqual(115);
  await engine.setConditions("r", { fault: { do: "down" } }, minute);
  expect((await exchange(port, get("/x/a"))).status).toBeGreaterThanOrEqual(500);
});

test("a command away, checked at the door, and never in the configuration", async () => {
  const config: ShuntConfig = {
    version: 1,
    tunnels: [],
    backends: [{ id: "b", amps: "tcp://127.0.0.1:9" }],
    pools: [],
    routes: [{ id: "r", listen: `127.0.0.1:${await freePort()}`, transport: "amps", target: "b" }],
  };
  const { service, saves } = await runService(config);
  const call = (argument: unknown) => service.handle("route.conditions.set", argument);
  for (const bad of [
    { id: "r", conditions: {}, forMs: 60_000 },
    { id: "r", conditions: { latencyMs: -1 }, forMs: 60_000 },
    { id: "r", conditions: { latencyMs: 1 }, forMs: 1e9 },
    { id: "r", conditions: { latencyMs: 1 } },
    { id: "r", conditions: { latency: 1 }, forMs: 60_000 },
    { id: "r", conditions: { fault: { do: "burn" } }, forMs: 60_000 },
  ])
    expect(await call(bad)).toMatchObject({ ok: false, failure: { code: "BAD_ARGUMENT" } });
  expect(await call({ id: "no", conditions: { latencyMs: 1 }, forMs: 60_000 })).toMatchObject({
    failure: { code: "NOT_FOUND" },
  });
  expect(await call({ id: "r", conditions: { latencyMs: 7_777 }, forMs: 60_000 })).toMatchObject({
    ok: true,
  });
  expect([service.current().config, saves]).toEqual([config, []]);
});
