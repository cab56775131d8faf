/** Port routes: bytes arrive whole, in order, once, or the connection ends the way its other side did. */
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type TcpBackend, type TcpBackendOptions } from "../support/tcp-backend.ts";
import { connectTcp, frame, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

async function routeTo(
  transport: "amps" | "replication",
  options: TcpBackendOptions = {},
  more: object = {},
) {
  const backend: TcpBackend = await startTcpBackend(options);
  cleanUp(() => backend.close());
  const port = await freePort();
  const running = await runEngine({
    version: 1,
    backends: [{ id: "prod-1", [transport]: `tcp://127.0.0.1:${backend.port}` }],
    routes: [{ id: "r", listen: port, transport, target: "prod-1", ...more }],
  });
  backend.forget();
  return { ...running, backend, port };
}

describe.each(["amps", "replication"] as const)("a port route for %s", (transport) => {
  test("carries 16 MiB both ways at once unaltered", async () => {
    const up = Buffer.concat([frame("{}"), patternBytes(16 * 1024 * 1024, 7)]);
    const down = patternBytes(16 * 1024 * 1024, 8);
    const { backend, port, route } = await routeTo(transport, {
      onConnection: (socket) => socket.once("data", () => socket.end(down)),
    });
    const client = await connectTcp(port);
    client.socket.end(up);
    const far = await backend.connection(0);
    expect(sha256(await client.whole())).toBe(sha256(down));
    expect(sha256(await far.received(up.length))).toBe(sha256(up));
    expect(await client.ended).toBe("end");
    expect(await far.ended).toBe("end");
    const { connections, bytes } = await until(async () => {
      const status = await route("r");
      return status.connections.open === 0 && status;
    });
    expect(connections).toEqual({ open: 0, total: 1, refused: 0 });
    expect(bytes).toEqual({ toBackend: backend.totals().received, toClient: backend.totals().sent });
    expect(bytes.toBackend).toBe(up.length);
  });

  test("keeps a half-close: the backend answers after the client's end", async () => {
    const { backend, port } = await routeTo(transport, {
      onConnection: (socket) => socket.on("end", () => setTimeout(() => socket.end("reply:hi"), 100)),
    });
    const client = await connectTcp(port);
    client.socket.end(frame("{hi}"));
    expect((await client.whole()).toString()).toBe("reply:hi");
    expect(await client.ended).toBe("end");
    expect((await backend.connection(0)).bytes()).toEqual(frame("{hi}"));
  });

  test("keeps a half-close the other way: the client speaks on after the backend's end", async () => {
    const { backend, port } = await routeTo(transport, {
      onConnection: (socket) => socket.once("data", () => socket.end("bye")),
    });
    const client = await connectTcp(port);
    client.socket.write(frame("{1}"));
    expect((await client.whole()).toString()).toBe("bye");
    client.socket.end(frame("{2}"));
    const far = await backend.connection(0);
    expect(await far.received(frame("{1}").length * 2)).toEqual(Buffer.concat([frame("{1}"), frame("{2}")]));
    expect(await far.ended).toBe("end");
  });

  test("passes a backend's reset on as a reset", async () => {
    const { port } = await routeTo(transport, {
      onConnection: (socket) => socket.once("data", () => socket.resetAndDestroy()),
    });
    for (let attempt = 0; attempt < 20; attempt++) {
      const client = await connectTcp(port);
      client.socket.write(frame("{}"));
      expect(await client.ended).toBe("ECONNRESET");
    }
  });

  test("passes a client's reset on as a reset", async () => {
    const { backend, port } = await routeTo(transport);
    for (let attempt = 0; attempt < 20; attempt++) {
      const client = await connectTcp(port);
      client.socket.write(frame("{}"));
      const far = await backend.connection(attempt);
      await far.received(6);
      client.socket.resetAndDestroy();
      expect(await far.ended).toBe("ECONNRESET");
    }
  });

  test("loses nothing when the backend writes 16 MiB and closes at once", async () => {
    const down = patternBytes(16 * 1024 * 1024, 3);
    const { port } = await routeTo(transport, { onConnection: (socket) => socket.end(down) });
    const client = await connectTcp(port);
    expect(sha256(await client.whole())).toBe(sha256(down));
    expect(await client.ended).toBe("end");
  });

  test("slows the backend down to a client that does not read, and then delivers everything", async () => {
    const down = patternBytes(64 * 1024 * 1024, 5);
    const { backend, port, route } = await routeTo(transport, {
      onConnection: (socket) => socket.once("data", () => socket.end(down)),
    });
    const client = await connectTcp(port);
    client.socket.write(frame("{}"));
    client.socket.pause();
    const far = await backend.connection(0);
    await until(() => far.socket.bytesWritten > 0);
    // Bytes that Shunt took stop growing while the client reads nothing.
    let before = -1;
    const held = await until(async () => {
      const now = (await route("r")).bytes.toClient;
      const same = now === before && now > 0;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return same && now;
    });
    expect(held).toBeLessThan(24 * 1024 * 1024);
    client.socket.resume();
    expect(sha256(await client.whole())).toBe(sha256(down));
  });

  test("counts while the connection is open", async () => {
    const {
      port,
      until: untilSnapshot,
      connection,
    } = await routeTo(transport, { onConnection: (socket) => socket.pipe(socket) });
    const client = await connectTcp(port);
    client.socket.write(frame("{1234}"));
    await client.received(10);
    const snapshot = await untilSnapshot((now) => now.connections[0]?.bytes.toClient === 10 && now);
    expect(snapshot.routes[0]).toMatchObject({
      connections: { open: 1, total: 1, refused: 0 },
      bytes: { toBackend: 10, toClient: 10 },
    });
    expect(snapshot.backends[0]).toMatchObject({ connections: 1, bytes: { toBackend: 10, toClient: 10 } });
    expect(await connection()).toMatchObject({
      route: "r",
      backend: "prod-1",
      kind: transport,
      state: "open",
      why: "only target",
      client: `127.0.0.1:${client.socket.localPort}`,
    });
  });
});

test("closing a connection whose client has stopped reading resets it at once, whatever is still to be written", async () => {
  const { engine, port, connection, route, backend } = await routeTo("amps", {
    onConnection: (socket) => socket.once("data", () => socket.write(patternBytes(64 * 1024 * 1024))),
  });
  const client = await connectTcp(port);
  client.socket.write(frame("{}"));
  client.socket.pause();
  let before = -1;
  const taken = await until(async () => {
    const now = (await route("r")).bytes.toClient;
    const same = now === before && now > 0;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return same && now;
  });
  await engine.closeConnection((await connection()).id);
  expect(await (await backend.connection(0)).ended).toBe("ECONNRESET");
  client.socket.resume();
  expect(await client.ended).toBe("ECONNRESET");
  expect(client.bytes().length).toBeLessThan(taken);
});

test("a client of a backend that refuses is ended with a reset, counted and told", async () => {
  const dead = await freePort();
  const port = await freePort();
  const { route, activity, snapshot } = await runEngine({
    version: 1,
    backends: [{ id: "gone", amps: `tcp://127.0.0.1:${dead}` }],
    routes: [{ id: "r", listen: port, transport: "amps", target: "gone" }],
  });
  for (let attempt = 0; attempt < 50; attempt++) {
    const client = await connectTcp(port);
    expect(await client.ended).toBe("ECONNRESET");
  }
  expect((await route("r")).connections).toEqual({ open: 0, total: 0, refused: 50 });
  expect((await snapshot()).backends[0]).toMatchObject({
    health: "down",
    reason: expect.stringContaining("refused the connection"),
  });
  const refused = (await activity()).filter((entry) => entry.event === "connection-refused");
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatchObject({ route: "r", code: "CONNECT_REFUSED", count: 50 });
});

test("a name that does not resolve is told as such", async () => {
  const port = await freePort();
  const { activity } = await runEngine({
    version: 1,
    backends: [{ id: "nowhere", amps: "tcp://no-such-host.invalid:9007" }],
    routes: [{ id: "r", listen: port, transport: "amps", target: "nowhere" }],
  });
  const client = await connectTcp(port);
  expect(await client.ended).toBe("ECONNRESET");
  const entry = (await activity()).find((one) => one.event === "connection-refused");
  expect(["NAME_NOT_FOUND", "NAME_LOOKUP_FAILED"]).toContain(entry?.code);
  expect(entry?.message).toContain("no-such-host.invalid");
});

test.each([
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
  "POST /amps/administrator HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
])("an HTTP request on an AMPS port is reset and no byte of it reaches the backend (%#)", async (request) => {
  const { backend, port, route } = await routeTo("amps");
  const client = await connectTcp(port);
  client.socket.write(request);
  expect(await client.ended).toBe("ECONNRESET");
  expect((await route("r")).connections.refused).toBe(1);
  expect(backend.totals().received).toBe(0);
});

test("a connection closed by the operator ends with a reset on both sides", async () => {
  const { engine, backend, port, connection } = await routeTo("amps");
  const client = await connectTcp(port);
  client.socket.write(frame("{}"));
  const far = await backend.connection(0);
  await far.received(6);
  const { id } = await connection();
  expect(await engine.closeConnection(id)).toEqual({ ok: true, value: null });
  expect(await client.ended).toBe("ECONNRESET");
  expect(await far.ended).toBe("ECONNRESET");
  expect(await engine.closeConnection(id)).toMatchObject({ ok: false, failure: { code: "NOT_FOUND" } });
});

test("a backend that dies under a silent client ends that client", async () => {
  const { backend, port } = await routeTo("amps");
  const client = await connectTcp(port);
  (await backend.connection(0)).socket.resetAndDestroy();
  expect(await client.ended).toBe("ECONNRESET");
});

test("a client that leaves without a word ends the backend's side", async () => {
  const { backend, port } = await routeTo("amps");
  const client = await connectTcp(port);
  const far = await backend.connection(0);
  client.socket.destroy();
  expect(await far.ended).not.toBe("");
});

test.each([
  ["destroys its socket", (socket: Socket) => socket.destroy()],
  ["says its last", (socket: Socket) => socket.end()],
  ["resets", (socket: Socket) => socket.resetAndDestroy()],
])("a client that connects and at once %s leaves nothing behind", async (_name, leave) => {
  const { port, until: untilSnapshot, backend } = await routeTo("amps");
  for (let attempt = 0; attempt < 30; attempt++) leave((await connectTcp(port)).socket);
  await untilSnapshot((now) => now.connections.length === 0);
  await until(() => backend.connections.every(({ socket }) => socket.destroyed || socket.readableEnded));
});

test("a backend that speaks first is heard", async () => {
  const { port } = await routeTo("amps", { onConnection: (socket) => socket.write("banner") });
  const client = await connectTcp(port);
  expect((await client.received(6)).toString()).toBe("banner");
});
