/** WebSocket port routes judge the handshake and then pass every byte as it came. */
import { WebSocket, WebSocketServer } from "ws";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { exchange, get } from "../support/raw-http.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

async function setUp(websocketPort: number, route: object = {}) {
  const port = await freePort();
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", websocket: `ws://127.0.0.1:${websocketPort}` }],
    routes: [{ id: "r", listen: port, transport: "websocket", target: "b", ...route }],
  });
  return { ...running, port };
}

const handshake = get("/amps/json", [
  "Upgrade: websocket",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
]).replace("Connection: close", "Connection: Upgrade");

test.each([
  ["an AMPS frame", frame('{"c":"logon"}').toString("latin1"), "no WebSocket handshake"],
  ["garbage", "\u0000\u00ff\u0001garbage", "no WebSocket handshake"],
  ["a plain request", get("/"), "no WebSocket handshake"],
  ["a TLS hello", "\u0016\u0003\u0001\u0002\u0000", "no WebSocket handshake"],
  [
    "a page of a foreign origin",
    handshake.replace("\r\n\r\n", "\r\nOrigin: https://evil.example\r\n\r\n"),
    "evil.example",
  ],
])("%s is refused with a sentence, and the backend sees nothing", async (_name, bytes, sentence) => {
  const backend = await startTcpBackend();
  cleanUp(() => backend.close());
  const { port, route, activity } = await setUp(backend.port);
  backend.forget();
  const answer = await exchange(port, bytes);
  expect([400, 403]).toContain(answer.status);
  expect(answer.body).toContain(sentence);
  expect(backend.connections).toHaveLength(0);
  expect((await route("r")).connections).toEqual({ open: 0, total: 0, refused: 1 });
  expect(
    (await activity()).some(
      (entry) => entry.event === "connection-refused" && entry.message.includes(sentence),
    ),
  ).toBe(true);
});

test("a backend that is away is answered with 502 in HTTP, which the client's log can show", async () => {
  const { port } = await setUp(await freePort());
  expect(await exchange(port, handshake)).toMatchObject({
    status: 502,
    body: expect.stringContaining("refused the connection"),
  });
});

test("a logon is seen through permessage-deflate, whose bytes pass unaltered", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: { threshold: 0 } });
  cleanUp(
    () =>
      new Promise<void>(
        (resolve) =>
          void (server.clients.forEach((client) => client.terminate()), server.close(() => resolve())),
      ),
  );
  await new Promise((resolve) => server.once("listening", resolve));
  const messages: string[] = [];
  server.on("connection", (socket) => socket.on("message", (data: Buffer) => messages.push(data.toString())));
  const { port, connection, until: untilSnapshot } = await setUp((server.address() as AddressInfo).port);
  const client = new WebSocket(`ws://127.0.0.1:${port}/amps/nvfix`, { perMessageDeflate: { threshold: 0 } });
  cleanUp(() => client.terminate());
  await new Promise((resolve) => client.once("open", resolve));
  expect(client.extensions).toContain("permessage-deflate");
  const pw = secretOf("AMPS password");
  const who = { version: "5.3.4.0:javascript", client_name: "text-text-text", user_id: "svc_view", pw };
  const logon = JSON.stringify({ c: "logon", cid: "auto0", a: "processed", ...who });
  for (const message of ["text", Buffer.from([1, 0, 0, 0]), logon]) client.send(message);
  await until(() => messages.length === 3);
  expect(messages[2]).toBe(logon);
  await untilSnapshot((now) => now.connections[0]?.ampsClient);
  expect(await connection()).toMatchObject({
    ampsClient: "text-text-text",
    user: "svc_view",
    messageType: "nvfix",
  });
});

test("a client that connects and says nothing holds no backend connection", async () => {
  const backend = await startTcpBackend();
  cleanUp(() => backend.close());
  const { port, until: untilSnapshot } = await setUp(backend.port);
  backend.forget();
  const client = await connectTcp(port);
  await untilSnapshot((now) => now.connections[0]?.state === "connecting");
  expect(backend.connections).toHaveLength(0);
  client.socket.destroy();
  await untilSnapshot((now) => now.connections.length === 0);
});
