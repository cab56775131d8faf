/** Routes of plain subscribers: who does more is named, closed by hand or at once, and nobody's bytes are touched. */
import { describe, expect, test } from "vitest";
import { runSandbox } from "../sandbox/running-sandbox.ts";
import { AmpsTcpClient, AmpsWsClient } from "../support/amps-client.ts";
import { cleanUp, cleanUpAfterEach, runEngine, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

async function setUp(route: object = {}) {
  const { handle } = await runSandbox();
  const { backends } = await handle.config();
  const [port, webPort, pathPort] = [await freePort(), await freePort(), await freePort()];
  const common = { target: "pool", clients: "subscribers", ...route };
  const running = await runEngine({
    version: 1,
    backends,
    pools: [{ id: "pool", members: ["amps-a", "amps-b"] }],
    routes: [
      { id: "views", listen: port, transport: "amps", ...common },
      { id: "web", listen: webPort, transport: "websocket", ...common },
      { id: "path", listen: pathPort, path: "/amps", ...common },
    ],
  });
  const told = async () => (await running.activity()).filter(({ event }) => event === "role-exceeded");
  const role = async () => (await running.snapshot()).connections[0]?.role;
  return { ...running, port, webPort, pathPort, told, role };
}

type Client = AmpsTcpClient | AmpsWsClient;

const exceeding: readonly [string, string, (client: Client) => Promise<unknown>][] = [
  ["publishers", "publishes", (client) => client.publish("orders", { id: 1 })],
  ["publishers", "publishes", (client) => client.publish("orders", { id: 1 }, { delta: true })],
  [
    "publishers",
    "publishes",
    (client) => client.command({ c: "sow_delete", t: "orders", filter: "1=1", a: "processed" }),
  ],
  ["queue-consumers", "consumes a queue", (client) => client.subscribe("q-orders", { o: "max_backlog=10" })],
  ["bookmark-subscribers", "subscribes with a bookmark", (client) => client.subscribe("orders", { bm: "0" })],
];

describe.each<[string, (setting: Awaited<ReturnType<typeof setUp>>) => Promise<Client>]>([
  ["TCP", ({ port }) => AmpsTcpClient.connect({ port, name: "view-7" })],
  ["WebSocket", ({ webPort }) => AmpsWsClient.connect({ port: webPort, name: "view-7" })],
  [
    "WebSocket on a path",
    ({ pathPort }) => AmpsWsClient.connect({ port: pathPort, name: "view-7", pathPrefix: "/amps" }),
  ],
  ["preflight", ({ port }) => AmpsTcpClient.connect({ port, name: "view-7", preflight: "tcp" })],
])("over %s", (_what, connect) => {
  test.each(exceeding)("one of the %s is named (%s), and goes on", async (role, words, act) => {
    const setting = await setUp();
    const client = await connect(setting);
    await act(client);
    await until(async () => (await setting.role()) === role);
    const [entry] = await setting.told();
    const { id, route } = await setting.connection();
    expect(entry).toMatchObject({ severity: "warning", connection: id, route });
    expect(entry?.message).toContain(`view-7 ${words} on route ${route}, whose clients are subscribers`);
    await client.sow("orders");
    expect(await setting.told()).toHaveLength(1);
    await client.close();
  });

  test("plain subscribers and queries are what the route is for", async () => {
    const setting = await setUp({ enforceRole: true });
    const client = await connect(setting);
    await client.sow("orders");
    await client.subscribe("orders");
    await client.command({ c: "flush", a: "processed" });
    await until(async () => (await setting.role()) === "subscribers");
    await client.close();
    expect(await setting.told()).toEqual([]);
  });

  test("enforced, the connection ends before the command goes further", async () => {
    const setting = await setUp({ enforceRole: true });
    const client = await connect(setting);
    client.publish("orders", { id: "never" }).catch(() => undefined);
    expect(await client.closed).toMatch(/ECONNRESET|1006/);
    expect((await setting.told())[0]?.message).toContain(
      "its connection was closed before the command went further",
    );
    const looker = await AmpsTcpClient.connect({ port: setting.port, name: "looker" });
    const { records } = await looker.sow("orders");
    expect(records).toEqual([]);
    await looker.close();
  });
});

test("the warning's connection can be closed by hand", async () => {
  const { engine, port, told, until: untilSnapshot } = await setUp();
  const client = await AmpsTcpClient.connect({ port, name: "view-7" });
  await client.publish("orders", { id: 1 });
  const entry = await until(async () => (await told())[0]);
  expect(await engine.closeConnection(entry.connection ?? "")).toEqual({ ok: true, value: null });
  expect(await client.closed).toBe("ECONNRESET");
  await untilSnapshot(({ connections }) => connections.length === 0);
});

test("elsewhere nobody is watched: the guard counts with the strictest already", async () => {
  const { port, told, snapshot } = await setUp({ clients: "mixed" });
  const client = await AmpsTcpClient.connect({ port, name: "pub-1" });
  await client.publish("orders", { id: 1 });
  expect((await snapshot()).connections[0]?.role).toBeNull();
  await client.close();
  expect(await told()).toEqual([]);
});

/** A route to a server that keeps what arrives. */
async function setUpKeeping(route: object = {}) {
  const backend = await startTcpBackend();
  cleanUp(() => backend.close());
  const port = await freePort();
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", amps: `tcp://127.0.0.1:${backend.port}` }],
    routes: [{ id: "r", listen: port, transport: "amps", target: "b", clients: "subscribers", ...route }],
  });
  backend.forget();
  const told = async () => (await running.activity()).filter(({ event }) => event === "role-exceeded");
  return { ...running, backend, port, told };
}

const logon = frame('{"c":"logon","cid":"0","client_name":"view-7","a":"processed"}');
const publish = frame('{"c":"p","t":"orders"}{"id":1}');

test("logon and publish in one piece: enforced, not one byte of it goes on", async () => {
  const { backend, port, told } = await setUpKeeping({ enforceRole: true });
  const client = await connectTcp(port);
  client.socket.write(Buffer.concat([logon, publish]));
  expect(await client.ended).toBe("ECONNRESET");
  expect(await told()).toHaveLength(1);
  const received = await backend.connection(0);
  await received.ended;
  expect(received.bytes()).toHaveLength(0);
});

test("late and in small pieces: what came before has arrived whole, and the publish's end never does", async () => {
  const { backend, port } = await setUpKeeping({ enforceRole: true });
  const quiet = Array.from({ length: 300 }, () => frame('{"c":"heartbeat","o":"beat"}'));
  const sent = Buffer.concat([logon, ...quiet, publish]);
  const client = await connectTcp(port);
  for (let at = 0; at < sent.length; at += 5) {
    client.socket.write(sent.subarray(at, at + 5));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await client.ended).toMatch(/ECONNRESET|EPIPE/);
  const received = await backend.connection(0);
  await received.ended;
  const arrived = received.bytes();
  expect(arrived.equals(sent.subarray(0, arrived.length))).toBe(true);
  expect(arrived.includes('"t":"orders"}')).toBe(false);
});

test("enforced, what cannot be read ends the connection: behind it anything might come", async () => {
  const { backend, port, told } = await setUpKeeping({ enforceRole: true });
  const client = await connectTcp(port);
  const unreadable = Buffer.from("\0\0\0\u0005<xml>", "latin1");
  client.socket.write(Buffer.concat([logon, unreadable, publish]));
  expect(await client.ended).toBe("ECONNRESET");
  expect((await told())[0]?.message).toContain("view-7 sent on route r what cannot be read");
  const received = await backend.connection(0);
  await received.ended;
  expect(received.bytes().includes('"t":"orders"')).toBe(false);
});

test("without enforcement it passes, unwatched", async () => {
  const { backend, port, told } = await setUpKeeping();
  const client = await connectTcp(port);
  const sent = Buffer.concat([logon, Buffer.from("\0\0\0\u0005<xml>", "latin1"), publish]);
  client.socket.write(sent);
  const received = await backend.connection(0);
  expect((await received.received(sent.length)).equals(sent)).toBe(true);
  expect(await told()).toEqual([]);
});

test.each<[string, (client: AmpsWsClient) => void]>([
  ["a message too large to be followed", (client) => client.send({ c: "sow", t: "x".repeat(70_000) })],
  ["a publish without a logon", (client) => client.send({ c: "p", t: "orders" }, '{"id":"never"}')],
])("enforced on a WebSocket, %s ends the connection", async (_what, act) => {
  const { port, webPort, told } = await setUp({ enforceRole: true });
  const client = await AmpsWsClient.connect({ port: webPort, name: "view-7", logon: false });
  act(client);
  expect(await client.closed).toMatch(/ECONNRESET|1006/);
  expect(await told()).toHaveLength(1);
  const looker = await AmpsTcpClient.connect({ port, name: "looker" });
  expect((await looker.sow("orders")).records).toEqual([]);
  await looker.close();
});

test("without enforcement the watch ends after 64 commands", async () => {
  const { backend, port, told, connection } = await setUpKeeping();
  const queries = Array.from({ length: 64 }, () => frame('{"c":"sow","t":"orders"}'));
  const sent = Buffer.concat([logon, ...queries, publish]);
  const client = await connectTcp(port);
  client.socket.write(sent);
  const received = await backend.connection(0);
  expect((await received.received(sent.length)).equals(sent)).toBe(true);
  expect((await connection()).role).toBe("subscribers");
  expect(await told()).toEqual([]);
});

test("a queue shows in what the server sends, too", async () => {
  const { backend, port, told } = await setUpKeeping();
  const client = await connectTcp(port);
  client.socket.write(Buffer.concat([logon, frame('{"c":"subscribe","t":"q-orders"}')]));
  const { socket } = await backend.connection(0);
  socket.write(frame('{"c":"p","t":"q-orders","lp":"20250101T000010.000000Z","bm":"1|1|"}{"id":7}'));
  await client.receivedText('{"id":7}');
  expect((await told())[0]?.message).toContain("view-7 consumes a queue");
});
