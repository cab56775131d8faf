/** Bytes that stand right behind the heads of an upgrade, from both sides at once (reliability I3). */
import { createHash } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { cleanUp, cleanUpAfterEach } from "../support/running-engine.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";
import { record } from "./harness/figures.ts";
import { startShunt } from "./harness/shunt-process.ts";

cleanUpAfterEach();

const times = 1_000;
const most = 65_536;
const pattern = patternBytes(2 * most);
const hash = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
/** A part of the pattern that is another one each time. */
const piece = (number: number, size: number): Buffer =>
  pattern.subarray(number % most, (number % most) + size);
const accepted = (token: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${token}\r\n\r\n`;

/** Says 101 and the bytes that the target asks for in one write, and then the hash of what came behind the request. */
async function startUpgrader(): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let held = Buffer.alloc(0);
    let wanted = -1;
    let headEnd = 0;
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      if (wanted < 0) {
        headEnd = held.indexOf("\r\n\r\n") + 4;
        if (headEnd < 4) return;
        const head = held.subarray(0, headEnd).toString("latin1");
        const [, number, behindRequest, behindAnswer] = /\?(\d+)-(\d+)-(\d+) /.exec(head) ?? [];
        if (number === undefined)
          return void socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        wanted = Number(behindRequest);
        const token = /^upgrade: (.*)$/im.exec(head)?.[1]?.trim() ?? "";
        socket.write(
          Buffer.concat([Buffer.from(accepted(token)), piece(Number(number), Number(behindAnswer))]),
        );
      }
      if (held.length - headEnd >= wanted) socket.end(hash(held.subarray(headEnd)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test("I3: what stands behind both heads is delivered first and once, 1,000 times", async (context) => {
  const target = await startUpgrader();
  const port = await freePort();
  await startShunt({
    version: 1,
    backends: [{ id: "b", amps: `tcp://127.0.0.1:${target}`, websocket: `ws://127.0.0.1:${target}` }],
    routes: [{ id: "r", listen: `127.0.0.1:${port}`, path: "/b", target: "b", preflight: "pass" }],
  });
  const sizeOf = (number: number, step: number): number =>
    number % 20 === 0 ? 0 : (number * step) % (most + 1);
  let wrong = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let number = next++; number < times; number = next++) {
      const [behindRequest, behindAnswer] = [sizeOf(number, 7_919), sizeOf(number + 7, 104_729)];
      const token = number % 2 ? "websocket" : "tcp";
      const head = [
        `GET /b/amps/json?${number}-${behindRequest}-${behindAnswer} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        "Connection: Upgrade",
        `Upgrade: ${token}`,
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "",
        "",
      ].join("\r\n");
      const client = await connectTcp(port);
      const sent = piece(number + 1, behindRequest);
      client.socket.write(Buffer.concat([Buffer.from(head), sent]));
      const got = await client.whole();
      client.socket.destroy();
      const behind = got.subarray(got.indexOf("\r\n\r\n") + 4);
      const expected = Buffer.concat([piece(number, behindAnswer), Buffer.from(hash(sent))]);
      if (!got.toString("latin1", 0, 12).startsWith("HTTP/1.1 101") || !behind.equals(expected)) wrong++;
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  record(
    context,
    `${times - wrong} of ${times} upgrades, WebSocket and preflight by turns, 0 to 64 KB behind each head`,
  );
  expect(wrong).toBe(0);
});
