/** Path routes: what is known of an upgraded connection, and how it ends where its backend does not play along. */
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { webSocketFrame } from "../amps/vectors.ts";
import { doorKinds } from "../support/door-kinds.ts";
import { readAnswer } from "../support/raw-http.ts";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";
import { setUpPaths, switching, upgrade, webSocket, type SetUp } from "./path-set-up.ts";

cleanUpAfterEach();

describe.each(doorKinds)("upgraded connections of clients let in by $name", ({ options }) => {
  const setUp = (how: SetUp = {}) => setUpPaths({ options, ...how });

  test("an upgraded connection is in the book with its client's name, and counted to the byte", async () => {
    const { port, ws, connection, route } = await setUp({
      websocket: { onConnection: (socket) => socket.once("data", () => socket.write(switching)) },
    });
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    await client.receivedText("X-Own: 1\r\n\r\n");
    const far = await ws.connection(0);
    const asked = far.bytes().length;
    const hello = [text("json"), binary(Buffer.of(1, 0, 0, 0)), text('{"c":"logon","client_name":"web-1"}')];
    for (const one of hello) client.socket.write(one);
    const said = Buffer.concat(hello);
    await far.received(asked + said.length);
    far.socket.write("answer");
    await client.received(switching.length + 6);
    const bytes = { toBackend: asked + said.length, toClient: switching.length + 6 };
    await until(async () => (await connection()).ampsClient);
    expect(await connection()).toMatchObject({
      kind: "websocket",
      client: `127.0.0.1:${client.socket.localPort}`,
      backend: "prod-1",
      why: "only target",
      state: "open",
      ampsClient: "web-1",
      bytes,
    });
    client.socket.end();
    far.socket.end();
    await client.whole();
    await until(async () => (await route("p1")).connections.open === 0);
    expect(await route("p1")).toMatchObject({ connections: { total: 1, refused: 0 }, bytes });
  });

  test("the logon behind a preflight is seen, and its 101 is no byte of the backend's", async () => {
    const { port, tcp, connection } = await setUp();
    const client = await connectTcp(port);
    client.socket.write(upgrade("tcp").replace("{port}", String(port)));
    await client.receivedText("\r\n\r\n");
    const said = frame('{"c":"logon","client_name":"tcp-1"}');
    client.socket.write(said);
    expect(await (await tcp.connection(0)).received(said.length)).toEqual(said);
    await until(async () => (await connection()).ampsClient === "tcp-1");
    expect(await connection()).toMatchObject({
      kind: "preflight",
      bytes: { toBackend: said.length, toClient: 0 },
    });
  });

  test("what a client says before its answer waits, and comes behind its request", async () => {
    const { port, ws } = await setUp();
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    const far = await ws.connection(0);
    const head = await until(() => far.bytes().indexOf("\r\n\r\n") > 0 && far.bytes().length);
    client.socket.end("early");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(far.bytes().length).toBe(head);
    far.socket.write(switching);
    expect((await far.received(head + 5)).subarray(head).toString()).toBe("early");
    expect(await far.ended).toBe("end");
    far.socket.end("late");
    expect((await client.whole()).toString()).toBe(`${switching}late`);
  });

  test("the connection behind the upgrade is cut where the operator closes it, also while its backend is asked", async () => {
    const { port, ws, engine, connection, until: untilSnapshot, route } = await setUp();
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    const far = await ws.connection(0);
    await far.received(10);
    await engine.closeConnection((await connection()).id);
    expect(await client.ended).toBe("ECONNRESET");
    expect(await far.ended).toBe("ECONNRESET");
    await untilSnapshot((now) => now.connections.length === 0);
    expect((await route("p1")).connections).toMatchObject({ open: 0, total: 1, refused: 0 });
  });

  test.each([
    ["refuses the connection", null, "CONNECT_REFUSED"],
    ["ends without an answer", (socket: Socket) => void socket.end(), "BACKEND_RESET"],
    ["resets instead of answering", (socket: Socket) => void socket.resetAndDestroy(), "BACKEND_RESET"],
    [
      "answers in something else",
      (socket: Socket) => void socket.write("SSH-2.0\r\n"),
      "BACKEND_ANSWER_INVALID",
    ],
    [
      "switches to nothing",
      (socket: Socket) => void socket.write("HTTP/1.1 101 Yes\r\n\r\n"),
      "BACKEND_ANSWER_INVALID",
    ],
  ])("a client whose backend %s is told so in HTTP, and counted as refused", async (_how, answer, code) => {
    const { port, ws, route, activity } = await setUp({
      websocket: { onConnection: (socket) => socket.once("data", () => answer?.(socket)) },
    });
    if (!answer) await ws.close();
    const client = await connectTcp(port);
    client.socket.write(webSocket.replace("{port}", String(port)));
    const said = readAnswer((await client.whole()).toString());
    expect(said).toMatchObject({ status: 502, headers: expect.arrayContaining([`X-Shunt-Error: ${code}`]) });
    client.socket.end();
    await until(async () => (await route("p1")).connections.refused === 1);
    expect((await route("p1")).connections).toMatchObject({ open: 0, refused: 1 });
    expect((await activity()).map((entry) => entry.code)).toContain(code);
  });

  test("a change of the routes meets whoever speaks after it, and nobody else", async () => {
    const { port, ws, apply, document } = await setUp({
      websocket: { onConnection: (socket) => socket.once("data", () => socket.write(switching)) },
    });
    const [before, silent] = [await connectTcp(port), await connectTcp(port)];
    before.socket.write(webSocket.replace("{port}", String(port)));
    await before.receivedText("X-Own: 1\r\n\r\n");
    const [route] = document.routes;
    await apply({ ...document, routes: [{ ...route, path: "/other" }] }, 60_000);
    silent.socket.write(webSocket.replace("{port}", String(port)));
    expect(readAnswer((await silent.whole()).toString()).status).toBe(404);
    silent.socket.end();
    (await ws.connection(0)).socket.write("still here");
    await before.receivedText("still here");
  });
});

test.each(doorKinds)(
  "clients of $name that have said nothing yet, or half of it, are served across a restart, and reset at a stop",
  async ({ options }) => {
    const { port, engine, apply, document } = await setUpPaths({ options });
    const request = upgrade("tcp").replace("{port}", String(port));
    const crowd = () => Promise.all(Array.from({ length: 20 }, () => connectTcp(port)));
    /** Some have been silent for longer than their first bytes are waited for, and some have said half of a request by then. */
    const silent = async () => {
      const [old, half] = [await crowd(), await crowd()];
      for (const { socket } of half) socket.write(request.slice(0, 40));
      await new Promise((resolve) => setTimeout(resolve, 400));
      return { half, whole: [...old, ...(await crowd())] };
    };
    const waiting = await silent();
    await engine.restartRoute("p1", 60_000);
    for (const { socket } of waiting.whole) socket.write(request);
    for (const { socket } of waiting.half) socket.write(request.slice(40));
    for (const client of [...waiting.whole, ...waiting.half]) await client.receivedText("Upgrade: tcp");
    const stopped = await silent();
    await apply({ ...document, routes: [] }, 60_000);
    for (const client of [...stopped.whole, ...stopped.half]) expect(await client.ended).toBe("ECONNRESET");
  },
);

const text = (payload: string) => webSocketFrame(1, Buffer.from(payload));
const binary = (payload: Buffer) => webSocketFrame(2, payload);
