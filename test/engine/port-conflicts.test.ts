/** A port in use names its owner, offers the next free one, and never stops the other routes. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { notLocal } from "../../app/listen/bind.ts";
import { available } from "../support/available.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp } from "../support/tcp-client.ts";

cleanUpAfterEach();

async function setUp(listen: string) {
  const backend = await startTcpBackend();
  cleanUp(() => backend.close());
  const good = await freePort();
  const document = (bad: object) => ({
    version: 1,
    backends: [{ id: "b", amps: `tcp://127.0.0.1:${backend.port}` }],
    routes: [
      { id: "bad", listen, transport: "amps", target: "b", ...bad },
      { id: "good", listen: `127.0.0.1:${good}`, transport: "amps", target: "b" },
    ],
  });
  const running = await runEngine(document({}));
  return { ...running, good, document };
}

/** A foreign process with the port. */
async function occupy(port: number, host = "127.0.0.1"): Promise<number> {
  const child = spawn(
    process.execPath,
    ["-e", `require("net").createServer().listen(${port}, ${JSON.stringify(host)}, () => console.log("up"))`],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  cleanUp(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child.pid ?? 0;
}

test("another process: named with its id, a free address offered, and the route listens after a retry", async () => {
  const port = await freePort();
  const pid = await occupy(port);
  const { engine, route, good, activity } = await setUp(`127.0.0.1:${port}`);
  const status = await route("bad");
  expect(status).toMatchObject({ state: "failed", failure: { code: "PORT_IN_USE" } });
  expect(status.failure?.owner).toMatch(new RegExp(`\\(pid ${pid}\\)$`));
  expect(status.reason).toContain(`127.0.0.1:${port} is used by `);
  const free = Number(/^127\.0\.0\.1:(\d+)$/.exec(status.failure?.freeListen ?? "")?.[1]);
  expect(free).toBeGreaterThan(port);
  await new Promise<void>((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(free, "127.0.0.1", () => probe.close(() => resolve()));
  });
  expect((await activity()).some((entry) => entry.event === "route-failed" && entry.route === "bad")).toBe(
    true,
  );
  await connectTcp(good);
  expect(await engine.retryRoute("bad")).toMatchObject({ ok: false, failure: { code: "PORT_IN_USE" } });
  process.kill(pid, "SIGKILL");
  await until(async () => (await engine.retryRoute("bad")).ok);
  expect(await route("bad")).toMatchObject({ state: "listening", failure: null });
  await connectTcp(port);
});

test("a process that has the port on every interface is named too", async () => {
  const port = await freePort();
  const pid = await occupy(port, "0.0.0.0");
  const { route } = await setUp(String(port));
  expect((await route("bad")).failure?.owner).toContain(`pid ${pid}`);
});

test.skipIf(!available.ipv6)(
  "localhost needs its port on ::1 as well: who has it there is told, nothing stays half bound, and a port free on both is offered",
  async () => {
    const port = await freePort();
    const pid = await occupy(port, "::1");
    const { engine, route } = await setUp(`localhost:${port}`);
    const status = await route("bad");
    expect(status).toMatchObject({ state: "failed", failure: { code: "PORT_IN_USE" } });
    expect(status.reason).toContain(`[::1]:${port} is used by `);
    expect(status.failure?.owner).toContain(`pid ${pid}`);
    await expect(connectTcp(port)).rejects.toThrow("ECONNREFUSED");
    const free = Number(/^localhost:(\d+)$/.exec(status.failure?.freeListen ?? "")?.[1]);
    expect(free).toBeGreaterThan(port);
    expect(await engine.suggestListen(String(port))).toMatchObject({
      value: { listen: `localhost:${free}`, owner: expect.stringContaining(`pid ${pid}`) as string },
    });
    process.kill(pid, "SIGKILL");
    await until(async () => (await engine.retryRoute("bad")).ok);
    for (const host of ["127.0.0.1", "::1"]) await connectTcp(port, host);
  },
);

test.skipIf(process.platform !== "linux")(
  "another loopback address has the port free beside a route",
  async () => {
    const { engine, good, apply, document } = await setUp(`127.0.0.1:${await freePort()}`);
    const beside = `127.0.0.2:${good}`;
    expect(await engine.suggestListen(beside)).toEqual({ ok: true, value: { listen: beside, owner: null } });
    await apply(document({ listen: beside }));
    await connectTcp(good, "127.0.0.2");
    await connectTcp(good);
  },
);

test.each<readonly [NodeJS.Platform, string, string]>([
  [
    "darwin",
    "127.0.0.2",
    "127.0.0.2 is not an address of this machine; sudo ifconfig lo0 alias 127.0.0.2 adds it.",
  ],
  ["darwin", "192.0.2.1", "192.0.2.1 is not an address of this machine."],
  ["linux", "127.0.0.2", "127.0.0.2 is not an address of this machine."],
])("on %s, %s that is not there is told as: %s", (platform, host, message) => {
  expect(notLocal(host, platform)).toBe(message);
});

test("an address of another machine is told as such", async () => {
  const { route } = await setUp("192.0.2.1:9007");
  expect(await route("bad")).toMatchObject({ state: "failed", failure: { code: "ADDRESS_NOT_LOCAL" } });
});

test("a suggestion for a taken port names Shunt's own route", async () => {
  const { engine, good } = await setUp(`127.0.0.1:${await freePort()}`);
  const reply = await engine.suggestListen(`127.0.0.1:${good}`);
  expect(reply).toMatchObject({ ok: true, value: { owner: 'route "good"' } });
  const free = await freePort();
  expect(await engine.suggestListen(String(free))).toEqual({
    ok: true,
    value: { listen: `localhost:${free}`, owner: null },
  });
  expect(await engine.suggestListen("nonsense")).toMatchObject({
    ok: false,
    failure: { code: "BAD_ARGUMENT" },
  });
});

test("for this session the free port is listened on, until going back succeeds; the clients there live on", async () => {
  const port = await freePort();
  const pid = await occupy(port);
  const { engine, route, apply, document } = await setUp(`127.0.0.1:${port}`);
  const free = Number(/:(\d+)$/.exec((await route("bad")).failure?.freeListen ?? "")?.[1]);
  expect(await engine.listenForSession("bad", free)).toEqual({ ok: true, value: null });
  const standing = {
    state: "listening",
    listen: `127.0.0.1:${free}`,
    sessionListen: { configured: `127.0.0.1:${port}`, why: expect.stringContaining(`pid ${pid}`) as string },
  };
  expect(await route("bad")).toMatchObject(standing);
  const client = await connectTcp(free);
  client.socket.write("to ");
  // Let in, and not only in the kernel's queue, which a listener's end resets.
  await until(async () => (await route("bad")).bytes.toBackend === "to ".length);
  // What does not move the route keeps it where it is, and a restart too.
  await apply(document({ note: "edited" }));
  expect(await engine.restartRoute("bad", 60_000)).toMatchObject({ ok: true });
  expect(await engine.retryRoute("bad")).toMatchObject({ ok: false, failure: { code: "PORT_IN_USE" } });
  expect(await route("bad")).toMatchObject(standing);
  process.kill(pid, "SIGKILL");
  await until(async () => (await engine.retryRoute("bad")).ok);
  expect(await route("bad")).toMatchObject({ listen: `127.0.0.1:${port}`, sessionListen: null });
  await connectTcp(port);
  await expect(connectTcp(free)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  client.socket.write("the end");
  await until(async () => (await route("bad")).bytes.toBackend === "to the end".length);
});

test("a port for this session that is taken too changes nothing, and a stop or a move ends what stood in", async () => {
  const port = await freePort();
  await occupy(port);
  const { engine, route, good, apply, document } = await setUp(`127.0.0.1:${port}`);
  expect(await engine.listenForSession("bad", good)).toMatchObject({
    ok: false,
    failure: { code: "PORT_IN_USE", owner: 'route "good"' },
  });
  expect(await route("bad")).toMatchObject({ state: "failed", sessionListen: null });
  expect(await engine.listenForSession("good", 9)).toMatchObject({ failure: { code: "BAD_ARGUMENT" } });
  const [first, second] = [await freePort(), await freePort()];
  await engine.listenForSession("bad", first);
  await connectTcp(first);
  await apply(document({ enabled: false }));
  await expect(connectTcp(first)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await apply(document({}));
  expect(await route("bad")).toMatchObject({ state: "failed", listen: `127.0.0.1:${port}` });
  await engine.listenForSession("bad", first);
  await apply(document({ listen: `127.0.0.1:${second}` }));
  await expect(connectTcp(first)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(await route("bad")).toMatchObject({ listen: `127.0.0.1:${second}`, sessionListen: null });
});
