/** How clients of a port route are let in and dialled for, whoever does it: Node, or the native addon. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { EngineOptions } from "../../app/engine/engine-options.ts";
import { freePort } from "../support/free-port.ts";
import { doorKinds as doors, testThatNativeIsTried } from "../support/door-kinds.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame, patternBytes } from "../support/tcp-client.ts";
import { setUpPaths } from "./path-set-up.ts";

cleanUpAfterEach();

testThatNativeIsTried();

const MiB = 1024 * 1024;
const logon = (name: string) => frame(JSON.stringify({ c: "logon", client_name: name }));

/** Whether Linux has a keep-alive timer for a connection between these ports of 127.0.0.1 (proc_net_tcp.txt). */
function isKeptAlive(localPort: number, remotePort: number): boolean {
  const end = (port: number) => `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const line = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .find((one) => one.includes(`${end(localPort)} ${end(remotePort)} 01 `));
  return line !== undefined && / 02:/.test(line);
}

/** A port where a connection is neither taken nor refused: its queue is full, and nobody accepts. */
async function silentPort(): Promise<number> {
  const program = `
    const net = require("node:net");
    const server = net.createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      process.stdout.write(String(server.address().port));
      process.kill(process.pid, "SIGSTOP");
    });`;
  const child = spawn(process.execPath, ["-e", program]);
  cleanUp(() => void child.kill("SIGKILL"));
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(said.toString());
  // Linux lets one more in than it is told to; then it lets nobody know anything.
  for (let at = 0; at < 4; at++) void connectTcp(port).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 300));
  return port;
}

test(
  "a backend that does not answer is given ten seconds, as is a request's head; who leaves before, or is cut, is no refusal",
  { timeout: 90_000 },
  async () => {
    const silent = await silentPort();
    await Promise.all(
      doors.flatMap(({ options }) => [
        waitInVain(silent, options),
        askInPart("GE", options),
        askInPart("", options),
      ]),
    );
  },
);

/** The one who begins with nothing is with the door for a moment first. */
async function askInPart(beginning: string, options: EngineOptions): Promise<void> {
  const { port, route } = await setUpPaths({ options });
  const client = await connectTcp(port);
  client.socket.write(beginning);
  if (beginning === "") {
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.socket.write("G");
  }
  expect((await client.whole()).toString()).toMatch(/^HTTP\/1\.1 408 /);
  client.socket.end();
  expect((await route("p1")).connections.refused).toBe(1);
}

async function waitInVain(silent: number, options: EngineOptions): Promise<void> {
  const port = await freePort();
  // Not `run`, which would wait for the first probe.
  const { engine, snapshot, route, activity, apply } = await runEngine(
    { version: 1, backends: [], routes: [] },
    options,
  );
  await apply({
    version: 1,
    backends: [{ id: "a", amps: `tcp://127.0.0.1:${silent}` }],
    routes: [{ id: "r", listen: port, transport: "amps", target: "a" }],
  });
  const [patient, hasty, cut] = [await connectTcp(port), await connectTcp(port), await connectTcp(port)];
  patient.socket.write(logon("patient"));
  const open = await until(async () => {
    const { connections } = await snapshot();
    return connections.length === 3 && connections;
  });
  expect(open.map(({ state, backend }) => [state, backend])).toEqual(Array(3).fill(["connecting", ""]));
  hasty.socket.resetAndDestroy();
  await until(async () => (await snapshot()).connections.length === 2);
  const address = `127.0.0.1:${cut.socket.localPort}`;
  await engine.closeConnection(open.find(({ client }) => client === address)?.id ?? "");
  expect(await cut.ended).toBe("ECONNRESET");
  expect((await route("r")).connections.refused).toBe(0);
  expect(await patient.ended).toBe("ECONNRESET");
  await until(async () => (await route("r")).connections.refused === 1);
  expect(
    (await activity())
      .filter(({ code }) => code === "CONNECT_TIMEOUT")
      .some(({ event }) => event === "connection-refused"),
  ).toBe(true);
  expect((await snapshot()).connections).toEqual([]);
}

describe.each(doors)("let in by $name", ({ options }) => {
  const run = async (backends: object[], route: object = {}, more: object = {}) => {
    const port = await freePort();
    const document = (changed: object = {}) => ({
      version: 1,
      backends,
      routes: [{ id: "r", listen: port, transport: "amps", target: "a", ...route, ...changed }],
      ...more,
    });
    const running = await runEngine(document(), options);
    return { ...running, port, document };
  };
  const startBackend = async (...how: Parameters<typeof startTcpBackend>) => {
    const backend = await startTcpBackend(...how);
    cleanUp(() => backend.close());
    return backend;
  };
  const at = (port: number, host = "127.0.0.1") => ({ id: "a", amps: `tcp://${host}:${port}` });

  test("a connection is in the book with everything that is known of it, and counted to the byte", async () => {
    const backend = await startBackend();
    const { port, connection, route, until: untilSnapshot } = await run([at(backend.port)]);
    backend.forget();
    const client = await connectTcp(port);
    client.socket.write(logon("orders-1"));
    const far = await backend.connection(0);
    await far.received(logon("orders-1").length);
    far.socket.write("answer");
    await client.received(6);
    await untilSnapshot(
      ({ connections }) => connections[0]?.client.startsWith("127.0.0.1:") && connections[0].ampsClient,
    );
    expect(await connection()).toMatchObject({
      route: "r",
      kind: "amps",
      client: `127.0.0.1:${client.socket.localPort}`,
      backend: "a",
      why: "only target",
      state: "open",
      ampsClient: "orders-1",
      bytes: { toBackend: logon("orders-1").length, toClient: 6 },
    });
    client.socket.end();
    expect(await far.ended).toBe("end");
    await untilSnapshot(({ connections }) => connections[0]?.state === "half-closed");
    far.socket.end("bye");
    expect((await client.whole()).toString()).toBe("answerbye");
    await until(async () => (await route("r")).connections.open === 0);
    expect(await route("r")).toMatchObject({
      connections: { open: 0, total: 1, refused: 0 },
      bytes: { toBackend: logon("orders-1").length, toClient: 9 },
    });
  });

  test("a silence behind lively traffic costs next to no processor time", async () => {
    const backend = await startBackend({ onConnection: (socket) => socket.pipe(socket) });
    const { port } = await run([at(backend.port)]);
    const said = logon("lively");
    const talk = async () => {
      const client = await connectTcp(port);
      for (let times = 1; times <= 100; times++) {
        client.socket.write(said);
        await client.received(times * said.length);
      }
    };
    await Promise.all(Array.from({ length: 20 }, talk));
    // What is left of the lively part (garbage, news for the book) has a moment to come to its end.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { user, system } = process.cpuUsage(before);
    // A thread that goes on waiting awake takes the whole second, or what others leave of it.
    expect((user + system) / 1e6).toBeLessThan(0.5);
  });

  test("clients that come, are served and go in no time are all counted, to the byte, and none is left open", async () => {
    const backend = await startBackend({ onConnection: (socket) => socket.pipe(socket) });
    const { port, route, snapshot } = await run([at(backend.port)]);
    const said = logon("brief");
    const serve = async () => {
      const client = await connectTcp(port);
      client.socket.end(said);
      expect(await client.whole()).toEqual(said);
    };
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 20 }, serve));
    await until(async () => (await route("r")).connections.open === 0);
    expect(await route("r")).toMatchObject({
      connections: { open: 0, total: 200, refused: 0 },
      bytes: { toBackend: 200 * said.length, toClient: 200 * said.length },
    });
    expect((await snapshot()).backends[0]).toMatchObject({ id: "a", health: "up", connections: 0 });
  });

  test("both sides of a connection that stays are kept alive", { timeout: 30_000 }, async () => {
    const backend = await startBackend();
    const { port } = await run([at(backend.port)]);
    backend.forget();
    // One that has much to say is with another mover before it is kept alive.
    for (const [index, said] of [
      logon("quiet"),
      Buffer.concat([logon("busy"), patternBytes(MiB)]),
    ].entries()) {
      const client = await connectTcp(port);
      client.socket.write(said);
      const far = await backend.connection(index);
      await far.received(said.length);
      const { localPort = 0 } = client.socket;
      const { remotePort = 0 } = far.socket;
      await until(() => isKeptAlive(port, localPort) && isKeptAlive(remotePort, backend.port), "keep-alive");
    }
  });

  test("a client that is cut while what it says is not looked at yet is reset", async () => {
    const backend = await startBackend();
    const { port, engine, until: untilSnapshot } = await run([at(backend.port)]);
    const client = await connectTcp(port);
    const id = await untilSnapshot(({ connections: [one] }) => one?.backend === "a" && one.id);
    client.socket.write("GET / HTTP/1.1\r\n\r\n");
    // Nothing but the addon's own thread runs meanwhile: it finds that this is no frame.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    await engine.closeConnection(id);
    expect(await client.ended).toBe("ECONNRESET");
  });

  test("a logon that comes byte by byte is seen, and passed on as it came", async () => {
    const backend = await startBackend();
    const { port, until: untilSnapshot } = await run([at(backend.port)]);
    backend.forget();
    const client = await connectTcp(port);
    for (const byte of logon("slow")) {
      client.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const far = await backend.connection(0);
    expect(await far.received(logon("slow").length)).toEqual(logon("slow"));
    await untilSnapshot(({ connections }) => connections[0]?.ampsClient === "slow");
  });

  test("a backend that speaks first is not kept waiting by a client that says nothing", async () => {
    const backend = await startBackend({ onConnection: (socket) => socket.write("welcome") });
    const { port } = await run([at(backend.port)]);
    const waits: number[] = [];
    for (let times = 0; times < 20; times++) {
      const began = performance.now();
      const client = await connectTcp(port);
      await client.received("welcome".length);
      waits.push(performance.now() - began);
      client.socket.destroy();
    }
    // A handshake whose last packet waits for bytes is ended by Linux after 200 ms: every one of them.
    expect(Math.min(...waits)).toBeLessThan(150);
  });

  test("a client whose backend refuses is reset, counted and told, and the backend is known to be down", async () => {
    const backend = await startBackend();
    const { port, route, activity, until: untilSnapshot } = await run([at(backend.port)]);
    await backend.close();
    for (let attempt = 0; attempt < 5; attempt++) {
      const client = await connectTcp(port);
      expect(await client.ended).toBe("ECONNRESET");
    }
    await until(async () => (await route("r")).connections.refused === 5);
    expect(await route("r")).toMatchObject({ connections: { open: 0, total: 0, refused: 5 } });
    expect(
      (await activity()).some(
        ({ event, code }) => event === "connection-refused" && code === "CONNECT_REFUSED",
      ),
    ).toBe(true);
    await untilSnapshot(({ backends }) => backends[0]?.endpoints[0]?.health === "down");
  });

  test("a name with several addresses is tried at each of them", async () => {
    const backend = await startBackend();
    const { port } = await run([at(backend.port, "localhost")]);
    backend.forget();
    for (let index = 0; index < 5; index++) {
      const client = await connectTcp(port);
      client.socket.write(logon(`c${index}`));
      await (await backend.connection(index)).received(logon(`c${index}`).length);
    }
  });

  test("a name that nobody knows is a refusal of its own", async () => {
    const { port, activity } = await run([at(9, "no-such-host.invalid")]);
    const client = await connectTcp(port);
    expect(await client.ended).toBe("ECONNRESET");
    await until(async () =>
      (await activity()).some(
        ({ event, code }) => event === "connection-refused" && /^NAME_/.test(code ?? ""),
      ),
    );
  });

  test("guarded clients go to the active member of their pool, and to the other once it is promoted", async () => {
    const [first, second] = [await startBackend(), await startBackend()];
    const { port, engine } = await run(
      [at(first.port), { id: "b", amps: `tcp://127.0.0.1:${second.port}` }],
      { target: "p", clients: "publishers" },
      { pools: [{ id: "p", members: ["a", "b"] }] },
    );
    first.forget();
    second.forget();
    for (const [backend, promoted] of [
      [first, "b"],
      [second, "a"],
    ] as const) {
      for (let index = 0; index < 3; index++) {
        const client = await connectTcp(port);
        client.socket.write(logon("pub"));
        await (await backend.connection(index)).received(logon("pub").length);
      }
      await engine.promote("p", promoted);
    }
  });

  test.each([
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["HTTP, letter by letter", Buffer.from("POST")],
  ])("%s never reaches the backend", async (_name, bytes) => {
    const backend = await startBackend();
    const { port, route } = await run([at(backend.port)]);
    backend.forget();
    const client = await connectTcp(port);
    for (const byte of bytes) client.socket.write(Buffer.of(byte));
    client.socket.end();
    expect(await client.ended).toBe("ECONNRESET");
    expect((await backend.connection(0)).bytes()).toEqual(Buffer.alloc(0));
    await until(async () => (await route("r")).connections.refused === 1);
  });

  test.each([
    ["TLS for the backend itself", Buffer.from("160301020001000001fc0303", "hex")],
    ["a first frame of more than 16 MB", Buffer.from("01000000", "hex")],
    ["what is no frame", Buffer.from("hello there")],
  ])("%s passes", async (_name, start) => {
    const backend = await startBackend();
    const { port } = await run([at(backend.port)]);
    backend.forget();
    const up = Buffer.concat([start, patternBytes(300_000)]);
    const client = await connectTcp(port);
    client.socket.end(up);
    const far = await backend.connection(0);
    expect((await far.received(up.length)).equals(up)).toBe(true);
    far.socket.end("so be it");
    expect((await client.whole()).toString()).toBe("so be it");
    expect([await client.ended, await far.ended]).toEqual(["end", "end"]);
  });

  test("a preflight is answered here, and what follows it is carried and counted", async () => {
    const backend = await startBackend();
    const { port, connection } = await run([at(backend.port)]);
    backend.forget();
    const client = await connectTcp(port);
    client.socket.write(
      `GET /amps/json HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: amps\r\nConnection: Upgrade\r\n\r\n`,
    );
    await client.receivedText("101");
    client.socket.write(logon("behind"));
    await (await backend.connection(0)).received(logon("behind").length);
    expect(await connection()).toMatchObject({ kind: "preflight", backend: "a" });
  });

  test("clients that come and go without a word leave nothing behind, and nothing to tell", async () => {
    const backend = await startBackend();
    const { port, route, activity } = await run([at(backend.port)]);
    backend.forget();
    for (let index = 0; index < 20; index++) {
      const client = await connectTcp(port);
      const far = await backend.connection(index);
      if (index % 2 === 0) client.socket.end();
      else client.socket.resetAndDestroy();
      await far.ended;
    }
    await until(async () => (await route("r")).connections.open === 0);
    // Who is reset before its dial is known to have succeeded was never established.
    expect(await route("r")).toMatchObject({ connections: { open: 0, refused: 0 } });
    expect((await activity()).filter(({ event }) => event.startsWith("connection-"))).toEqual([]);
  });

  test("a route that is stopped while clients come leaves none of them alive, and none outside the book", async () => {
    const backend = await startBackend();
    const { port, apply, document, snapshot, route } = await run([at(backend.port)]);
    for (let round = 0; round < 5; round++) {
      const clients = await Promise.all(Array.from({ length: 40 }, () => connectTcp(port)));
      for (const { socket } of clients) socket.write(logon("c"));
      const late = Array.from({ length: 40 }, () => connectTcp(port).catch(() => null));
      await apply(document({ enabled: false }));
      expect((await snapshot()).connections).toEqual([]);
      for (const { ended } of clients) expect(await ended).toBe("ECONNRESET");
      for (const client of await Promise.all(late)) if (client) expect(await client.ended).toBe("ECONNRESET");
      expect((await snapshot()).connections).toEqual([]);
      await apply(document());
      await until(async () => (await route("r")).state === "listening");
    }
  });

  test("a change of the target holds for those who come later, and no client is lost on the way", async () => {
    const [first, second] = [await startBackend(), await startBackend()];
    const two = [at(first.port), { id: "b", amps: `tcp://127.0.0.1:${second.port}` }];
    const { port, apply, document, snapshot } = await run(two);
    first.forget();
    const early = await connectTcp(port);
    early.socket.write(logon("early"));
    const far = await first.connection(0);
    const coming = Array.from({ length: 50 }, () => connectTcp(port));
    await apply(document({ target: "b" }));
    const late = await connectTcp(port);
    late.socket.write(logon("late"));
    await until(() => second.connections.some((one) => one.bytes().equals(logon("late"))), "the late one");
    for (const client of await Promise.all(coming)) client.socket.write(logon("c"));
    await until(
      async () => (await snapshot()).connections.filter(({ ampsClient }) => ampsClient).length === 52,
    );
    early.socket.write("more");
    await far.received(logon("early").length + 4);
  });

  test("conditions work on those who come while they are in force", async () => {
    const backend = await startBackend();
    const { port, engine, until: untilSnapshot } = await run([at(backend.port)]);
    backend.forget();
    expect(
      await engine.setConditions("r", { fault: { do: "down" } }, { forMs: 60_000, reconnect: false }),
    ).toMatchObject({ ok: true });
    expect(await (await connectTcp(port)).ended).toBe("ECONNRESET");
    await engine.clearConditions("r");
    const client = await connectTcp(port);
    client.socket.write(logon("back"));
    await (await backend.connection(0)).received(logon("back").length);
    await untilSnapshot(({ connections }) => connections[0]?.ampsClient === "back");
  });
});
