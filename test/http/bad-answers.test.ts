/** A backend that does not answer in HTTP: 502, its connection dropped, and nothing of it reused or taken for whole. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, test } from "vitest";

import { exchange, get, readAnswer } from "../support/raw-http.ts";
import { freePort } from "../support/free-port.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { connectTcp, type TcpClient } from "../support/tcp-client.ts";

cleanUpAfterEach();

/** Says the bytes behind a request's head, and keeps the connection open: whoever ends it is not the backend. */
async function startSaying() {
  const state = { answer: "", open: new Set<Socket>(), requests: 0 };
  const server = createServer((socket) => {
    state.open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => state.open.delete(socket));
    let head = "";
    socket.on("data", (chunk) => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      // The health probe asks for /amps/instance.json of the root.
      const isOurs = head.includes("/x ");
      head = "";
      if (isOurs) state.requests++;
      socket.write(
        Buffer.from(isOurs ? state.answer : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "latin1"),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    for (const socket of state.open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, state };
}

async function setUp() {
  const { port: target, state } = await startSaying();
  const port = await freePort();
  await runEngine({
    version: 1,
    backends: [{ id: "b", admin: `http://127.0.0.1:${target}`, websocket: `ws://127.0.0.1:${target}` }],
    routes: [{ id: "r", listen: `127.0.0.1:${port}`, path: "/b", target: "b" }],
  });
  for (const socket of state.open) socket.destroy();
  await until(() => state.open.size === 0);
  return { port, state };
}

/** Heads that come whole are read at a glance, others by Node's parser: each has a way of its own to the backend. */
const ways = [
  ["read at a glance", (text: string) => [text]],
  ["read by Node's parser", (text: string) => [text.slice(0, 9), text.slice(9)]],
] as const;

async function send(client: TcpClient, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    client.socket.write(piece);
    if (pieces.length > 1) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const ok = (...lines: readonly string[]): string => ["HTTP/1.1 200 OK", ...lines, "", ""].join("\r\n");

/** Heads that can be read in two ways, or in none. */
const badHeads: Readonly<Record<string, string>> = {
  "two different lengths": ok("Content-Length: 3", "Content-Length: 4") + "abcd",
  "two equal lengths": ok("Content-Length: 3", "Content-Length: 3") + "abc",
  "a list of lengths": ok("Content-Length: 3, 3") + "abc",
  "length and chunks": ok("Content-Length: 3", "Transfer-Encoding: chunked") + "0\r\n\r\n",
  "chunks and length": ok("Transfer-Encoding: chunked", "Content-Length: 3") + "0\r\n\r\n",
  "a signed length": ok("Content-Length: +3") + "abc",
  "a negative length": ok("Content-Length: -3") + "abc",
  "a length in hexadecimal": ok("Content-Length: 0x3") + "abc",
  "a length beyond all numbers": ok("Content-Length: 99999999999999999999") + "abc",
  "a blank before a colon": ok("Content-Length : 3") + "abc",
  "a header without a name": ok(": x"),
  "a header without a colon": ok("nothing"),
  "a NUL in a header": ok("X: a\u0000b"),
  "a bare carriage return": ok("X: a\rb"),
  "a folded header": ok("X: a", " folded"),
  "bare line feeds": "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
  "no status line": "hello, I am no HTTP server\r\n\r\n",
  "a status of letters": "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n",
  "a status of two digits": "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
  "HTTP/2.0": "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
  "HTTP/2 frames": "\u0000\u0000\u0012\u0004\u0000\u0000\u0000\u0000\u0000\r\n\r\n",
  "a TLS alert": "\u0015\u0003\u0001\u0000\u0002\u0002\u0046\r\n\r\n",
  "an AMPS frame": '\u0000\u0000\u0000\u0011{"c":"heartbeat"}\r\n\r\n',
  "an SSH banner": "SSH-2.0-OpenSSH_9.2\r\n\r\n",
  "a head of 64 KB": ok(`X: ${"y".repeat(65_000)}`),
  "a 101 that nobody asked for":
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbytes",
};

test.each(ways)(
  "B3: what a backend says that is no HTTP answer is a 502, and its connection is dropped: %s",
  async (_way, cut) => {
    const { port, state } = await setUp();
    const wrong: string[] = [];
    for (const [name, answer] of Object.entries(badHeads)) {
      state.answer = answer;
      const { status, body } = await exchange(port, get("/b/x"), cut(get("/b/x")));
      if (status !== 502 || !body.includes("BACKEND_")) wrong.push(`${name}: ${status} ${body.slice(0, 80)}`);
      await until(() => state.open.size === 0, `${name}: the end of the backend's connection`);
    }
    expect(wrong).toEqual([]);
    expect(state.requests).toBe(Object.keys(badHeads).length);
    state.answer = ok("Content-Length: 2") + "ok";
    expect(await exchange(port, get("/b/x"))).toMatchObject({ status: 200, body: "ok" });
  },
);

/** Heads that are well, with a body that is not: the client must not take it for whole. */
const badBodies: Readonly<Record<string, string>> = {
  "a chunk size that is none": "zz\r\nabc\r\n0\r\n\r\n",
  "a chunk size with a bare line feed": "3\nabc\r\n0\r\n\r\n",
  "a chunk size beyond all numbers": "fffffffffffffffff\r\nabc",
  "a negative chunk": "-3\r\nabc\r\n0\r\n\r\n",
  "a chunk that is longer than it says": "3\r\nabcdef\r\n0\r\n\r\n",
  "a trailer that is no header": "3\r\nabc\r\n0\r\nX Y\u0000\r\n\r\n",
};

test.each(ways)(
  "B3: an answer whose chunks are broken is broken off for the client, and the backend's connection is dropped: %s",
  async (_way, cut) => {
    const { port, state } = await setUp();
    for (const [name, body] of Object.entries(badBodies)) {
      state.answer = ok("Transfer-Encoding: chunked") + body;
      const client = await connectTcp(port);
      await send(client, cut(get("/b/x").replace("{port}", String(port))));
      const ended = await client.ended;
      const got = client.bytes().toString("latin1");
      expect(got, name).not.toMatch(/\r\n0\r\n\r\n$/);
      // Broken off before the head went out is a 502; behind it the body has no end.
      if (ended === "end") expect([0, 200, 502], name).toContain(readAnswer(got).status);
      await until(() => state.open.size === 0, `${name}: the end of the backend's connection`);
    }
  },
);

test.each(ways)("B3: a backend that says 'soon' for ever is given up: %s", async (_way, cut) => {
  const { port, state } = await setUp();
  state.answer = "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n".repeat(20_000);
  expect((await exchange(port, get("/b/x"), cut(get("/b/x")))).status).toBe(502);
  await until(() => state.open.size === 0);
});

test.each(ways)("B3: behind an answer nothing is taken for the next one: %s", async (_way, cut) => {
  const { port, state } = await setUp();
  state.answer = ok("Content-Length: 2") + "ok" + ok("Content-Length: 6") + "stolen";
  const client = await connectTcp(port);
  const keeping = get("/b/x").replace("{port}", String(port)).replace("Connection: close\r\n", "");
  await send(client, cut(keeping));
  await client.receivedText("ok");
  await until(() => state.open.size === 0);
  state.answer = ok("Content-Length: 5") + "other";
  await send(client, cut(keeping));
  const text = await client.receivedText("other");
  expect(text).not.toContain("stolen");
  client.socket.destroy();
});

const upgrade = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

test.each(ways)(
  "B3: an upgrade that is answered by no HTTP is a 502, and never a 101: %s",
  async (_way, cut) => {
    const { port, state } = await setUp();
    for (const [name, answer] of Object.entries(badHeads)) {
      if (answer.includes(" 101 ")) continue;
      state.answer = answer;
      const client = await connectTcp(port);
      const text = get("/b/x", upgrade).replace("{port}", String(port)).replace("Connection: close\r\n", "");
      await send(client, cut(text));
      await client.ended;
      expect(client.bytes().toString("latin1"), name).toMatch(/^HTTP\/1\.1 502 /);
      await until(() => state.open.size === 0, `${name}: the end of the backend's connection`);
    }
  },
);
