/** Every client has a connection to the backend that is its own: made for it, ended with it, never given to another. */
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { get } from "../support/raw-http.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend, type ReceivedConnection, type TcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame, type TcpClient } from "../support/tcp-client.ts";

cleanUpAfterEach();

const upgradeOn = (path: string, headers: readonly string[]) =>
  get(path, headers).replace("Connection: close", "Connection: Upgrade");
const preflightOn = (path: string) => upgradeOn(path, ["Upgrade: tcp"]);
const webSocketOn = (path: string) =>
  upgradeOn(path, [
    "Upgrade: websocket",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
  ]);

interface Way {
  readonly route: object;
  readonly endpoint: "amps" | "websocket";
  /** What a client says before its first bytes, answered with a 101. */
  readonly greeting?: string;
}

const path = { path: "/prod-1" };
const port = { transport: "amps" };
const ways: readonly (readonly [string, Way])[] = [
  ["a port route", { route: port, endpoint: "amps" }],
  ["a preflight on a port route", { route: port, endpoint: "amps", greeting: preflightOn("/amps/json") }],
  ["a preflight on a path", { route: path, endpoint: "amps", greeting: preflightOn("/prod-1/amps/json") }],
  [
    "a WebSocket on a path",
    { route: path, endpoint: "websocket", greeting: webSocketOn("/prod-1/amps/json") },
  ],
];

/** Echoes, once it has answered an upgrade where one comes. */
function echo(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.once("data", (chunk) => {
    if (chunk.toString("latin1").startsWith("GET "))
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    else socket.write(chunk);
    socket.pipe(socket);
  });
}

interface Pair {
  readonly client: TcpClient;
  readonly far: ReceivedConnection;
}

/** Opens clients that say who they are, and finds the backend connection of each. */
async function open(
  listen: number,
  backend: TcpBackend,
  names: readonly string[],
  greeting?: string,
): Promise<readonly Pair[]> {
  return Promise.all(
    names.map(async (name) => {
      const client = await connectTcp(listen);
      if (greeting !== undefined) {
        client.socket.write(greeting.replaceAll("{port}", String(listen)));
        await client.receivedText("\r\n\r\n");
      }
      client.socket.write(frame(`{"I am":"${name}"}`));
      await client.receivedText(`"${name}"`);
      const found = backend.connections.filter((one) => one.bytes().includes(`"${name}"`));
      const [far] = found;
      if (!far || found.length > 1) throw new Error(`${name} arrived on ${found.length} connections`);
      return { client, far };
    }),
  );
}

const endings: readonly (readonly [string, string, (socket: Socket) => void])[] = [
  ["reset", "ECONNRESET", (socket) => void socket.resetAndDestroy()],
  ["end", "end", (socket) => void socket.end()],
];
const countEach = 12;

test.each(ways)("%s", async (_what, { route, endpoint, greeting }) => {
  const backend = await startTcpBackend({ onConnection: echo });
  cleanUp(() => backend.close());
  const listen = await freePort();
  const scheme = endpoint === "amps" ? "tcp" : "ws";
  const running = await runEngine({
    version: 1,
    backends: [{ id: "prod-1", [endpoint]: `${scheme}://127.0.0.1:${backend.port}` }],
    routes: [{ id: "r", listen, target: "prod-1", ...route }],
  });
  backend.forget();
  let opened = 0;
  let staying = 0;
  for (const [what, seen, finish] of endings) {
    const names = Array.from({ length: countEach }, (_, at) => `${what}-${at}`);
    const stay = await open(listen, backend, [`stays-${what}`], greeting);
    const pairs = await open(listen, backend, names, greeting);
    opened += countEach + 1;
    staying += 1;
    expect(new Set([...stay, ...pairs].map(({ far }) => far)).size).toBe(countEach + 1);
    expect(backend.connections).toHaveLength(opened);
    for (const { far } of pairs) expect(far.bytes().toString().match(/I am/g)).toHaveLength(1);
    for (const { client } of pairs) finish(client.socket);
    expect(await Promise.all(pairs.map(({ far }) => far.ended))).toEqual(pairs.map(() => seen));
    // The one that stays has its connection still, and it is no other's.
    for (const { client, far } of stay) {
      client.socket.write(frame('{"still":"here"}'));
      await client.receivedText('"still":"here"');
      expect(far.bytes().toString()).toContain('"still":"here"');
    }
    await running.until(({ connections }) => connections.length === staying);
  }
  // Whoever comes now finds nothing left over.
  const late = await open(listen, backend, ["late-1", "late-2"], greeting);
  expect(backend.connections.slice(opened)).toHaveLength(2);
  for (const { far } of late) expect(backend.connections.indexOf(far)).toBeGreaterThanOrEqual(opened);
  for (const { client } of late) client.socket.resetAndDestroy();
  await until(async () => (await running.snapshot()).backends[0]?.connections === staying);
});
