/** A change touches only what it changes, and only the future. */
import { expect, test } from "vitest";
import { exchange, get } from "../support/raw-http.ts";
import { startHttpBackend } from "../support/http-backend.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

async function echoBackend() {
  const backend = await startTcpBackend({ onConnection: (socket) => socket.pipe(socket) });
  cleanUp(() => backend.close());
  return backend;
}

async function setUp() {
  const [one, two] = [await echoBackend(), await echoBackend()];
  const [portA, portB] = [await freePort(), await freePort()];
  const backends = [
    { id: "one", amps: `tcp://127.0.0.1:${one.port}` },
    { id: "two", amps: `tcp://127.0.0.1:${two.port}` },
  ];
  const a = { id: "a", listen: portA, transport: "amps", target: "one" };
  const b = { id: "b", listen: portB, transport: "amps", target: "two" };
  const running = await runEngine({ version: 1, backends, routes: [a, b] });
  one.forget();
  two.forget();
  return {
    ...running,
    one,
    two,
    portA,
    portB,
    a,
    b,
    document: (...routes: object[]) => ({ version: 1, backends, routes }),
  };
}

async function speak(port: number) {
  const client = await connectTcp(port);
  client.socket.write(frame("{}"));
  await client.received(6);
  return client;
}

test("an edited route serves new clients as edited, its old clients as before, and other routes not at all differently", async () => {
  const { apply, document, a, b, portA, portB, one, two } = await setUp();
  const [old, other] = [await speak(portA), await speak(portB)];
  await apply(document({ ...a, target: "two" }, b));
  const fresh = await speak(portA);
  expect(one.connections).toHaveLength(1);
  expect(two.connections).toHaveLength(2);
  for (const client of [old, other, fresh]) {
    client.socket.write("more");
    await client.received(10);
  }
});

test("a route that stays, whose backend moves or whose pool changes, serves new clients as the change says", async () => {
  const { apply, document, snapshot, portA, one, two } = await setUp();
  const pooled = {
    id: "p",
    listen: await freePort(),
    transport: "amps",
    target: "pool",
    clients: "subscribers",
  };
  const routes = [{ id: "a", listen: portA, transport: "amps", target: "one" }, pooled];
  const documentWith = (ampsOfOne: number, members: readonly string[]) => ({
    ...document(...routes),
    backends: [
      { id: "one", amps: `tcp://127.0.0.1:${ampsOfOne}` },
      { id: "two", amps: `tcp://127.0.0.1:${two.port}` },
    ],
    pools: [{ id: "pool", members }],
  });
  await apply(documentWith(one.port, ["one"]));
  const old = [await speak(portA), await speak(pooled.listen)];
  await apply(documentWith(one.port, ["two"]));
  const fresh = [await speak(pooled.listen), await speak(portA)];
  const placed = (await snapshot()).connections.map(({ route, backend }) => `${route} ${backend}`);
  expect(placed).toEqual(["a one", "p one", "p two", "a one"]);
  const before = one.connections.length;
  await apply(documentWith(two.port, ["two"]));
  fresh.push(await speak(portA));
  expect(one.connections).toHaveLength(before);
  for (const client of [...old, ...fresh]) {
    client.socket.write("more");
    await client.received(10);
  }
});

test("what is applied while the engine closes listens nowhere", async () => {
  const { engine, apply, document, a, portA } = await setUp();
  await engine.close(0);
  await apply(document({ ...a, note: "late" }));
  await expect(connectTcp(portA)).rejects.toThrow("ECONNREFUSED");
});

test("a moved route leaves its old address, and its old clients live on", async () => {
  const { apply, document, a, b, portA, route } = await setUp();
  const old = await speak(portA);
  const moved = await freePort();
  await apply(document({ ...a, listen: moved }, b));
  await expect(connectTcp(portA)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await speak(moved);
  old.socket.write("more");
  await old.received(10);
  expect(await route("a")).toMatchObject({
    state: "listening",
    listen: `localhost:${moved}`,
    connections: { open: 2 },
  });
});

test("two routes that swap addresses both listen", async () => {
  const { apply, document, a, b, portA, portB, two } = await setUp();
  await apply(document({ ...a, listen: portB }, { ...b, listen: portA }));
  two.forget();
  await speak(portA);
  expect(two.connections).toHaveLength(1);
});

test("a disabled route stops accepting at once, drains, and is cut when its time is over", async () => {
  const { apply, document, a, b, portA, route, until: untilSnapshot, activity } = await setUp();
  const staying = await speak(portA);
  const leaving = await speak(portA);
  await apply(document({ ...a, enabled: false }, b), 400);
  await expect(connectTcp(portA)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(await route("a")).toMatchObject({ state: "draining", reason: "2 open connections are left." });
  staying.socket.write("more");
  await staying.received(10);
  leaving.socket.end();
  expect(await leaving.ended).toBe("end");
  expect(await staying.ended).toBe("ECONNRESET");
  await untilSnapshot((now) => now.routes.find((one) => one.id === "a")?.state === "stopped");
  expect((await activity()).map((entry) => entry.message)).toContain("a was stopped; 1 connection was cut.");
});

test("a route that is enabled again while it drains keeps its connections", async () => {
  const { apply, document, a, b, portA } = await setUp();
  const client = await speak(portA);
  await apply(document({ ...a, enabled: false }, b), 300);
  await apply(document(a, b), 300);
  await new Promise((resolve) => setTimeout(resolve, 500));
  client.socket.write("more");
  await client.received(10);
});

test("a deleted route with connections is shown until it has drained, and other changes do not hasten it", async () => {
  const { engine, apply, document, b, portA, snapshot } = await setUp();
  const client = await speak(portA);
  await apply(document(b), 60_000);
  expect((await snapshot()).routes.map(({ id, state }) => [id, state])).toEqual([
    ["b", "listening"],
    ["a", "draining"],
  ]);
  await apply(document({ ...b, note: "edited" }), 0);
  client.socket.write("more");
  await client.received(10);
  await engine.cutDraining("a");
  expect(await client.ended).toBe("ECONNRESET");
  await until(async () => (await snapshot()).routes.length === 1);
});

test("path routes come and go on a shared listener without a missed request", async () => {
  const http = await startHttpBackend();
  cleanUp(() => http.close());
  const port = await freePort();
  const path = (id: string) => ({ id, listen: port, path: `/${id}`, target: "h" });
  const document = (...ids: string[]) => ({
    version: 1,
    backends: [{ id: "h", admin: `http://127.0.0.1:${http.port}` }],
    routes: ids.map(path),
  });
  const { apply } = await runEngine(document("a"));
  let done = false;
  const statuses: number[] = [];
  const asking = (async () => {
    while (!done) statuses.push((await exchange(port, get("/a/x"))).status);
  })();
  for (let round = 0; round < 20; round++) {
    await apply(document("a", `n${round}`));
    expect((await exchange(port, get(`/n${round}/x`))).status).toBe(200);
    await apply(document("a"));
    expect((await exchange(port, get(`/n${round}/x`))).status).toBe(404);
  }
  done = true;
  await asking;
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test("closing drains what is open, and cuts the rest", async () => {
  const { engine, portA } = await setUp();
  const [polite, stubborn] = [await speak(portA), await speak(portA)];
  const closing = engine.close(500);
  await until(() =>
    connectTcp(portA).then(
      () => false,
      () => true,
    ),
  );
  polite.socket.end("last");
  expect((await polite.whole()).toString()).toContain("last");
  expect(await polite.ended).toBe("end");
  expect(await stubborn.ended).toBe("ECONNRESET");
  await closing;
});
