/** Every captured client exchange passes every kind of route byte for byte, and its logon is seen on the way. */
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { webSocketFrame } from "../amps/vectors.ts";
import { bytesFrom, tcpSession, webSocketSessions, type Step } from "../amps/sessions.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame, patternBytes, type TcpClient } from "../support/tcp-client.ts";

cleanUpAfterEach();

const answer101 =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/** A server that plays its part of a session: every step once all client bytes before it have arrived. */
function playServer(steps: readonly Step[], headless: boolean) {
  return (socket: Socket): void => {
    let received = Buffer.alloc(0);
    let headEnd = headless ? 0 : -1;
    let at = 0;
    let expected = 0;
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (headEnd < 0) {
        const end = received.indexOf("\r\n\r\n");
        if (end < 0) return;
        headEnd = end + 4;
        socket.write(answer101);
      }
      for (let step = steps[at]; step; step = steps[at]) {
        if (step.from === "client") {
          if (received.length - headEnd < expected + step.bytes.length) return;
          expected += step.bytes.length;
        } else socket.write(step.bytes);
        at++;
      }
    });
  };
}

/** Sends the client's part, waiting before each step for everything that the server says before it. */
async function playClient(
  client: TcpClient,
  steps: readonly Step[],
  offset: number,
  perByte: boolean,
): Promise<void> {
  let expected = offset;
  for (const { from, bytes } of steps) {
    if (from === "server") await client.received((expected += bytes.length));
    else if (!perByte) client.socket.write(bytes);
    else
      for (const byte of bytes)
        await new Promise((resolve) => client.socket.write(Buffer.from([byte]), resolve));
  }
}

async function setUp(steps: readonly Step[], kind: "amps" | "websocket", route: object) {
  const backend = await startTcpBackend({ onConnection: playServer(steps, kind === "amps") });
  cleanUp(() => backend.close());
  const port = await freePort();
  const url =
    kind === "amps"
      ? { amps: `tcp://127.0.0.1:${backend.port}` }
      : { websocket: `ws://127.0.0.1:${backend.port}` };
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", ...url }],
    routes: [{ id: "r", listen: port, target: "b", ...route }],
  });
  backend.forget();
  return { ...running, backend, port };
}

async function expectCounts(running: Awaited<ReturnType<typeof setUp>>): Promise<void> {
  const status = await until(async () => {
    const now = await running.route("r");
    return (
      now.bytes.toBackend === running.backend.totals().received &&
      now.bytes.toClient === running.backend.totals().sent &&
      now
    );
  }, "equal counts");
  expect(status.connections.total).toBe(1);
}

describe.each([false, true])("one write a message, or one a byte (%s)", (perByte) => {
  test("the TCP session passes an amps port route", async () => {
    const running = await setUp(tcpSession, "amps", { transport: "amps" });
    const client = await connectTcp(running.port);
    await playClient(client, tcpSession, 0, perByte);
    const sent = bytesFrom("client", tcpSession);
    expect(await (await running.backend.connection(0)).received(sent.length)).toEqual(sent);
    expect(client.bytes()).toEqual(bytesFrom("server", tcpSession));
    expect(await running.connection()).toMatchObject({
      ampsClient: "probe-1",
      user: "alice",
      messageType: "json",
      clientVersion: "5.3.5.0:test",
      kind: "amps",
    });
    expect(JSON.stringify([await running.snapshot(), running.events])).not.toContain("s3cret");
    await expectCounts(running);
  });

  test.each([
    ["a port route", { transport: "amps" }, "/amps/json"],
    ["a path route", { path: "/prod-1" }, "/prod-1/amps/json"],
  ])("the TCP session passes %s behind a preflight that is answered here", async (_name, route, target) => {
    const running = await setUp(tcpSession, "amps", route);
    const client = await connectTcp(running.port);
    client.socket.write(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
    );
    const head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    expect((await client.received(head.length)).toString()).toBe(head);
    await playClient(client, tcpSession, head.length, perByte);
    const sent = bytesFrom("client", tcpSession);
    expect(await (await running.backend.connection(0)).received(sent.length)).toEqual(sent);
    expect(client.bytes().subarray(head.length)).toEqual(bytesFrom("server", tcpSession));
    expect(await running.connection()).toMatchObject({
      ampsClient: "probe-1",
      user: "alice",
      kind: "preflight",
    });
    await expectCounts(running);
  });

  describe.each(webSocketSessions)("WebSocket session: $title", ({ request, steps }) => {
    const logon = /"client_name":"([^"]+)","user_id":"([^"]*)"/;

    test.each(["port", "path"])("passes a %s route", async (kind) => {
      const running = await setUp(
        steps,
        "websocket",
        kind === "port" ? { transport: "websocket" } : { path: "/prod-1" },
      );
      const client = await connectTcp(running.port);
      const lines = request.map((line) => line.replace(/^Host: .*/, `Host: 127.0.0.1:${running.port}`));
      const sentLines = kind === "port" ? lines : lines.map((line) => line.replace(/^GET /, "GET /prod-1"));
      client.socket.write(`${sentLines.join("\r\n")}\r\n\r\n`);
      expect(await client.receivedText("\r\n\r\n")).toBe(answer101);
      await playClient(client, steps, answer101.length, perByte);
      const far = await running.backend.connection(0);
      const frames = bytesFrom("client", steps);
      const arrived = await until(
        () =>
          far.bytes().includes("\r\n\r\n") &&
          far.bytes().length >= far.bytes().indexOf("\r\n\r\n") + 4 + frames.length &&
          far.bytes(),
      );
      const headEnd = arrived.indexOf("\r\n\r\n") + 4;
      expect(arrived.subarray(headEnd)).toEqual(frames);
      expect(client.bytes().subarray(answer101.length)).toEqual(bytesFrom("server", steps));
      const head = arrived.subarray(0, headEnd).toString();
      if (kind === "port") expect(head).toBe(`${lines.join("\r\n")}\r\n\r\n`);
      else for (const line of lines) if (!line.startsWith("Host:")) expect(head).toContain(`${line}\r\n`);
      const names = logon.exec(steps.map((step) => readMasked(step.bytes)).join(""));
      expect(await running.connection()).toMatchObject({
        ampsClient: names?.[1],
        user: names?.[2] === "" ? null : names?.[2],
        messageType: request[0]?.split(" ")[1]?.split("/").at(-1),
        kind: "websocket",
      });
      expect(JSON.stringify([await running.snapshot(), running.events])).not.toMatch(
        /s3cret|YWxpY2U6czNjcmV0|token2/,
      );
      await expectCounts(running);
    });
  });
});

/** The text of one masked client frame. */
function readMasked(frame: Buffer): string {
  const [, second = 0] = frame;
  if (!(second & 0x80)) return "";
  const at = (second & 0x7f) === 126 ? 4 : 2;
  const mask = frame.subarray(at, at + 4);
  return Buffer.from(frame.subarray(at + 4).map((byte, index) => byte ^ (mask[index & 3] ?? 0))).toString(
    "utf8",
  );
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const large = 8 * 1024 * 1024;

/** A frame of 8 MB behind this header. */
function largeFrame(header: string): Buffer {
  const body = patternBytes(large, header.length);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length + body.length);
  return Buffer.concat([length, Buffer.from(header), body]);
}

/** From when on a route's observer looks at everything. */
const watched = { clients: "subscribers" };

test("8 MB frames pass a watched route whole, and what comes behind them is still seen", async () => {
  const steps: readonly Step[] = [
    { from: "client", bytes: frame('{"c":"logon","client_name":"view-7"}') },
    { from: "client", bytes: largeFrame('{"c":"sow","t":"orders"}') },
    { from: "server", bytes: largeFrame('{"c":"sow","t":"orders"}') },
    { from: "server", bytes: frame('{"c":"p","t":"q-orders","lp":"20250101T000010.000000Z"}{"id":7}') },
    { from: "client", bytes: frame('{"c":"p","t":"orders"}{"id":1}') },
  ];
  const running = await setUp(steps, "amps", { transport: "amps", ...watched });
  const client = await connectTcp(running.port);
  await playClient(client, steps, 0, false);
  const sent = bytesFrom("client", steps);
  const arrived = await (await running.backend.connection(0)).received(sent.length);
  expect(sha256(arrived)).toBe(sha256(sent));
  expect(sha256(client.bytes())).toBe(sha256(bytesFrom("server", steps)));
  const told = await until(async () => {
    const entries = (await running.activity()).filter(({ event }) => event === "role-exceeded");
    return entries.length === 2 && entries.map(({ message }) => message).sort();
  });
  expect(told[0]).toContain("view-7 consumes a queue");
  expect(told[1]).toContain("view-7 publishes");
  await expectCounts(running);
});

const payload = patternBytes(large, 5);
const mebibytes = Array.from({ length: 8 }, (_, at) => payload.subarray(at << 20, (at + 1) << 20));

test.each([
  ["one frame", [webSocketFrame(2, payload)]],
  [
    "fragments with pings between them",
    mebibytes.flatMap((part, at) => [
      webSocketFrame(at === 0 ? 2 : 0, part, { fin: at === 7 }),
      webSocketFrame(9, Buffer.from("ping")),
    ]),
  ],
])("a WebSocket message of 8 MB passes a watched route whole in %s", async (_how, frames) => {
  const ofClient = [
    webSocketFrame(1, Buffer.from("text")),
    webSocketFrame(2, Buffer.from([1, 0, 0, 0])),
    webSocketFrame(1, Buffer.from('{"c":"logon","client_name":"view-7"}')),
    ...frames,
  ];
  const steps: readonly Step[] = [
    ...ofClient.map((bytes) => ({ from: "client" as const, bytes })),
    { from: "server", bytes: webSocketFrame(2, payload, { masked: false }) },
    { from: "client", bytes: webSocketFrame(1, Buffer.from("behind it")) },
  ];
  const running = await setUp(steps, "websocket", { transport: "websocket", ...watched });
  const client = await connectTcp(running.port);
  const head = `GET /amps/json HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
  client.socket.write(head);
  await client.received(answer101.length);
  await playClient(client, steps, answer101.length, false);
  const sent = Buffer.concat([Buffer.from(head), bytesFrom("client", steps)]);
  const arrived = await (await running.backend.connection(0)).received(sent.length);
  expect(sha256(arrived)).toBe(sha256(sent));
  expect(sha256(client.bytes().subarray(answer101.length))).toBe(sha256(bytesFrom("server", steps)));
  expect(await running.connection()).toMatchObject({ ampsClient: "view-7", kind: "websocket" });
  await expectCounts(running);
});
