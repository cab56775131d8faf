import { connect, createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { SandboxStatus } from "../../app/contract/sandbox.ts";
import { systemClock, type SandboxClock } from "../../app/sandbox/clock.ts";
import { createSandbox } from "../../app/sandbox/sandbox.ts";
import { AmpsTcpClient, AmpsWsClient } from "../support/amps-client.ts";
import { allLinked, runSandbox, until } from "./running-sandbox.ts";

const garbage: [string, Buffer][] = [
  ["zeros", Buffer.alloc(4_096)],
  ["a huge length", Buffer.from([0x7f, 0xff, 0xff, 0xff, 0x7b])],
  ["a header that is no JSON", Buffer.from("\0\0\0\x06{nope}")],
  ["a header that never ends", Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.alloc(65_536, "{")])],
  ["a logon of odd types", Buffer.from('\0\0\0\x2f{"c":"logon","cid":[],"a":{},"client_name":null}')],
  ["an endless HTTP head", Buffer.from(`GET /amps/json HTTP/1.1\r\n${"X: y\r\n".repeat(9_000)}`)],
  ["a TLS hello", Buffer.from("1603010200010001fc0303", "hex")],
  ["text", Buffer.from("hello?\r\n\r\n")],
];

test.each(garbage)("%s on every port is survived", async (_what, bytes) => {
  const { handle, a } = await runSandbox();
  await until(handle, allLinked);
  await Promise.all(Object.values(a.ports).map((port) => throwAt(port, bytes)));
  const client = await AmpsTcpClient.connect({ port: a.ports.amps });
  expect(await client.publish("t", {}, { persisted: true })).toMatchObject({ status: "success" });
  await AmpsWsClient.connect({ port: a.ports.websocket, name: "other" });
  expect((await fetch(`http://127.0.0.1:${a.ports.admin}/amps/instance/name.json`)).status).toBe(200);
  await until(handle, allLinked);
});

test("a WebSocket client that breaks the framing is closed and others go on", async () => {
  const { a } = await runSandbox({ instances: 1 });
  const client = await AmpsWsClient.connect({ port: a.ports.websocket, name: "good" });
  for (const message of ["no count", Buffer.from([0, 0, 0, 0]), Buffer.from([255, 255, 255, 255])]) {
    const bad = await AmpsWsClient.connect({ port: a.ports.websocket, name: "bad" });
    bad.webSocket.send(message);
    expect(await bad.closed).toBe("1011");
  }
  expect(await client.publish("t", {})).toMatchObject({ status: "success" });
});

test("stop resets every client, leaves nothing open, and may be called twice, as may start", async () => {
  const { handle, a, b } = await runSandbox();
  const again = await handle.start({ instances: 2, basePort: 0 });
  expect(again.ok && again.value.instances.map(({ ports }) => ports)).toEqual([a.ports, b.ports]);
  const tcp = await AmpsTcpClient.connect({ port: a.ports.amps });
  const ws = await AmpsWsClient.connect({ port: b.ports.websocket });
  await Promise.all([handle.stop(), handle.stop()]);
  expect([await tcp.closed, await ws.closed]).toEqual(["ECONNRESET", "1006"]);
  expect(await handle.status()).toEqual({ running: false, instances: [] });
  for (const port of [...Object.values(a.ports), ...Object.values(b.ports)]) {
    expect(await throwAt(port, Buffer.alloc(0))).toBe("ECONNREFUSED");
  }
});

test("stop leaves no timer behind, whatever was going on", async () => {
  const pending = new Set<symbol>();
  const counted = (start: (done: () => void) => () => void) => {
    const id = Symbol("timer");
    pending.add(id);
    const cancel = start(() => pending.delete(id));
    return () => (pending.delete(id), cancel());
  };
  const clock: SandboxClock = {
    now: systemClock.now,
    after: (delayMs, run) => counted((done) => systemClock.after(delayMs, () => (done(), run()))),
    every: (intervalMs, run) => counted(() => systemClock.every(intervalMs, run)),
  };
  const { handle, a } = await runSandbox({ demo: true }, { clock });
  const client = await AmpsTcpClient.connect({ port: a.ports.amps });
  await client.command({ c: "heartbeat", a: "received", o: "start,5" });
  await client.subscribe("q-work");
  await client.publish("q-work", { id: 1 });
  await handle.act("amps-a", { do: "slow", delayMs: 5_000 });
  client.send({ c: "flush", a: "processed", cid: "late" });
  const answer = fetch(`http://127.0.0.1:${a.ports.admin}/amps.json`).catch(() => "cut");
  await new Promise((resolve) => setTimeout(resolve, 100));
  await handle.act("amps-b", { do: "stop" });
  expect(pending.size).toBeGreaterThan(3);
  await handle.stop();
  expect(await answer).toBe("cut");
  expect(pending.size).toBe(0);
});

test("a message nested too deep to be written again does no harm", async () => {
  const { a } = await runSandbox({ instances: 1 });
  const client = await AmpsTcpClient.connect({ port: a.ports.amps });
  const deep = `{"id":1,"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  await client.publish("t", deep);
  expect(await client.publish("t", { id: 1 }, { delta: true })).toMatchObject({ status: "success" });
});

test("a taken port moves to the next that is free", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  try {
    const { a } = await runSandbox({ instances: 1, basePort: port - 7 });
    expect(a.ports.amps).not.toBe(port);
    await AmpsTcpClient.connect({ port: a.ports.amps });
  } finally {
    taken.close();
  }
});

test("an instance whose port was taken while it was stopped says so and stays stopped", async () => {
  const { handle, a } = await runSandbox();
  await handle.act("amps-a", { do: "stop" });
  const thief = createServer();
  await new Promise<void>((resolve) => thief.listen(a.ports.amps, "127.0.0.1", resolve));
  const reply = await handle.act("amps-a", { do: "start" });
  expect(reply).toMatchObject({ ok: false, failure: { code: "SANDBOX_FAILED" } });
  await new Promise((resolve) => thief.close(resolve));
  expect(await handle.act("amps-a", { do: "start" })).toMatchObject({ ok: true });
});

test.each([
  { instances: 0, basePort: 0 },
  { instances: 99, basePort: 0 },
  { instances: 2, basePort: 65_500 },
  { instances: 2, basePort: -1 },
])("options that cannot be met are refused: %o", async (options) => {
  expect(await createSandbox().start(options)).toMatchObject({
    ok: false,
    failure: { code: "BAD_ARGUMENT" },
  });
});

test("actions on what is not there are refused", async () => {
  const { handle } = await runSandbox();
  expect(await handle.act("amps-z", { do: "stop" })).toMatchObject({
    ok: false,
    failure: { code: "NOT_FOUND" },
  });
  expect(await handle.act("amps-a", { do: "downgrade", to: "amps-a" })).toMatchObject({ ok: false });
  expect(await handle.act("amps-a", { do: "slow", delayMs: -5 })).toMatchObject({ ok: false });
  expect(await handle.act("amps-a", { do: "slow", delayMs: NaN })).toMatchObject({ ok: false });
});

test("listeners hear of clients, actions and links", async () => {
  const { handle, a } = await runSandbox();
  const heard: SandboxStatus[] = [];
  const end = handle.onChange((status) => heard.push(status));
  await AmpsTcpClient.connect({ port: a.ports.amps });
  await expect.poll(() => heard.some(({ instances }) => instances[0]!.clients === 1)).toBe(true);
  await handle.act("amps-b", { do: "stop" });
  expect(heard[heard.length - 1]!.instances[1]!.state).toBe("stopped");
  await expect.poll(() => heard[heard.length - 1]!.instances[0]!.links[0]!.connected).toBe(false);
  end();
  const count = heard.length;
  await handle.act("amps-b", { do: "start" });
  expect(heard.length).toBe(count);
});

test("the demo publishes orders, and only where it is asked for", async () => {
  const { a } = await runSandbox({ instances: 1, demo: true });
  const client = await AmpsTcpClient.connect({ port: a.ports.amps });
  await client.subscribe("orders");
  expect(JSON.parse((await client.nextMessage()).body)).toMatchObject({
    id: expect.any(Number),
    symbol: expect.any(String),
  });
  const quiet = await runSandbox({ instances: 1 });
  const other = await AmpsTcpClient.connect({ port: quiet.a.ports.amps });
  await other.subscribe("orders");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(other.received).toEqual([]);
});

/** Sends the bytes, waits a moment, and tells how the connection fared. */
function throwAt(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
    socket.on("close", () => resolve("closed"));
    socket.on("data", () => undefined);
    socket.on("connect", () => {
      socket.write(bytes);
      setTimeout(() => (socket.destroy(), resolve("open")), 150);
    });
  });
}
