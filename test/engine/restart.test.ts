/** A restarted route listens on its own port again, ends its old connections as asked, and disturbs no other. */
import { renameSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import type { EngineOptions } from "../../app/engine/engine-options.ts";
import { certificatesForFile } from "../support/certificates.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

const { at } = certificatesForFile(({ make }) => make("own", "IP:127.0.0.1"));

async function setUp(routes: (port: number) => readonly object[], options: EngineOptions = {}) {
  const backend = await startTcpBackend({ onConnection: (socket) => socket.pipe(socket) });
  cleanUp(() => backend.close());
  const port = await freePort();
  const document = {
    version: 1,
    backends: [{ id: "b", amps: `tcp://127.0.0.1:${backend.port}` }],
    routes: routes(port).map((route) => ({ target: "b", ...route })),
  };
  const running = await runEngine(document, options);
  const restarts = async () =>
    (await running.activity())
      .filter(({ event }) => event === "route-restarted")
      .map(({ message }) => message);
  return { ...running, document, port, restarts };
}

const plain = (port: number) => [{ id: "r", listen: `127.0.0.1:${port}`, transport: "amps" }];

async function speak(port: number) {
  const client = await connectTcp(port);
  client.socket.write(frame("{}"));
  await client.received(6);
  return client;
}

test("cut: what was open is reset, and new clients are served on the same port", async () => {
  const { engine, route, restarts, port } = await setUp(plain);
  const old = await speak(port);
  const before = (await route("r")).since;
  expect((await route("r")).since).toBe(before);
  expect(await engine.restartRoute("r", 0)).toEqual({ ok: true, value: null });
  const after = await route("r");
  expect(after).toMatchObject({ state: "listening", listen: `127.0.0.1:${port}`, lastTrouble: null });
  expect(Date.parse(after.since)).toBeGreaterThan(Date.parse(before));
  expect(await old.ended).toBe("ECONNRESET");
  await speak(port);
  expect(await restarts()).toEqual(["r was restarted; 1 open connection was cut."]);
});

const means: readonly { readonly name: string; readonly options: EngineOptions }[] = [
  { name: "Node", options: { native: { missing: "not wanted" } } },
  { name: "the native addon, where it is built", options: {} },
];

test.each(means)(
  "clients in the system's queue are served at a restart and at a move, and reset at a stop: $name",
  async ({ options }) => {
    const { engine, apply, document, port } = await setUp(plain, options);
    const [first] = document.routes;
    /** They are connected, and this thread has had no turn to accept them. */
    const crowd = async (at: number) => {
      const clients = Array.from({ length: 100 }, () => connectTcp(at));
      await new Promise((resolve) => process.nextTick(resolve));
      return clients;
    };
    const areServed = async (crowd: readonly ReturnType<typeof connectTcp>[]) => {
      for (const client of await Promise.all(crowd)) {
        client.socket.write(frame("{}"));
        await client.received(6);
        client.socket.resetAndDestroy();
      }
    };
    const restarted = await crowd(port);
    await engine.restartRoute("r", 60_000);
    await areServed(restarted);
    const elsewhere = await freePort();
    const moved = await crowd(port);
    await apply({ ...document, routes: [{ ...first, listen: `127.0.0.1:${elsewhere}` }] }, 60_000);
    await areServed(moved);
    await expect(connectTcp(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    const stopped = await crowd(elsewhere);
    await apply({ ...document, routes: [] });
    for (const one of await Promise.allSettled(stopped))
      if (one.status === "fulfilled") expect(await one.value.ended).toBe("ECONNRESET");
  },
);

test("drained: what was open lives on beside new clients, and alone is cut when its time is over", async () => {
  const { engine, activity, restarts, port } = await setUp(plain);
  const old = await speak(port);
  expect(await engine.restartRoute("r", 2_000)).toMatchObject({ ok: true });
  old.socket.write("more");
  await old.received(10);
  const fresh = await speak(port);
  expect(await restarts()).toEqual(["r was restarted; 1 open connection was given 2 s to end."]);
  expect(await old.ended).toBe("ECONNRESET");
  fresh.socket.write("more");
  await fresh.received(10);
  expect((await activity()).map(({ message }) => message)).toContain(
    "r: 1 connection from before the restart was cut.",
  );
});

test("a stop of a route that drains after a restart ends all of it, and leaves no listener behind", async () => {
  const { engine, apply, document, port } = await setUp(plain);
  const clients = [await speak(port)];
  await engine.restartRoute("r", 600_000);
  clients.push(await speak(port));
  await apply({ ...document, routes: document.routes.map((route) => ({ ...route, enabled: false })) });
  for (const client of clients) expect(await client.ended).toBe("ECONNRESET");
  await expect(connectTcp(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(await engine.restartRoute("r", 0)).toMatchObject({ ok: false, failure: { code: "BAD_ARGUMENT" } });
});

test("restarts and changes at once are taken one after the other: the port is never found taken by its own route", async () => {
  const { engine, apply, document, route, activity, port } = await setUp(plain);
  const [first] = document.routes;
  for (let turn = 0; turn < 10; turn++) {
    const listen = turn % 2 === 0 ? `localhost:${port}` : `127.0.0.1:${port}`;
    const restarts = [engine.restartRoute("r", 0), engine.restartRoute("r", 60_000)];
    const applied = apply({ ...document, routes: [{ ...first, listen }] });
    for (const reply of [...(await Promise.all(restarts)), await engine.restartRoute("r", 0)])
      expect(reply).toEqual({ ok: true, value: null });
    await applied;
    await speak(port);
  }
  expect(await route("r")).toMatchObject({ state: "listening" });
  expect((await activity()).filter(({ event }) => event === "route-failed")).toEqual([]);
});

test("a listener that other paths share stays open, and their connections are left alone", async () => {
  const { engine, route, port } = await setUp((shared) =>
    ["a", "b"].map((id) => ({ id, listen: `127.0.0.1:${shared}`, path: `/${id}` })),
  );
  const upgraded = async (id: string) => {
    const client = await connectTcp(port);
    client.socket.write(
      `GET /${id}/amps/json HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: upgrade\r\nUpgrade: amps\r\n\r\n`,
    );
    await client.receivedText("101");
    return client;
  };
  const [mine, other] = [await upgraded("a"), await upgraded("b")];
  expect(await engine.restartRoute("a", 0)).toMatchObject({ ok: true });
  expect(await mine.ended).toBe("ECONNRESET");
  await upgraded("a");
  expect(await route("b")).toMatchObject({ connections: { open: 1 } });
  other.socket.write(frame("{}"));
  await other.receivedText("{}");
});

test("a route that cannot listen again has failed by name, keeps nothing open, and comes back with a retry", async () => {
  const { engine, route, port } = await setUp((own) => [
    {
      id: "r",
      listen: `127.0.0.1:${own}`,
      transport: "amps",
      tls: { certFile: at("own.pem"), keyFile: at("own.key") },
    },
  ]);
  renameSync(at("own.key"), at("away.key"));
  expect(await engine.restartRoute("r", 0)).toMatchObject({
    ok: false,
    failure: { code: "LISTENER_TLS_FAILED" },
  });
  expect(await route("r")).toMatchObject({ state: "failed", failure: { code: "LISTENER_TLS_FAILED" } });
  await expect(connectTcp(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  renameSync(at("away.key"), at("own.key"));
  expect(await engine.retryRoute("r")).toEqual({ ok: true, value: null });
  await until(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
        cleanUp(() => void socket.destroy());
        socket.once("secureConnect", () => resolve(true)).once("error", () => resolve(false));
      }),
    "the handshake",
  );
});
