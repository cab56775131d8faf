import { expect, test } from "vitest";
import { AmpsTcpClient } from "../support/amps-client.ts";
import { allLinked, runSandbox, until } from "./running-sandbox.ts";

const linkOf = (status: Awaited<ReturnType<typeof until>>, from: string) =>
  status.instances.find(({ name }) => name === from)!.links[0]!;

async function linked(options: Parameters<typeof runSandbox>[0] = {}) {
  const sandbox = await runSandbox(options);
  await until(sandbox.handle, allLinked);
  const publisher = await AmpsTcpClient.connect({ port: sandbox.a.ports.amps, name: "publisher" });
  return { ...sandbox, publisher };
}

/** Tells whether the promise settles within the time. */
const settles = (promise: Promise<unknown>, ms: number) =>
  Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms)),
  ]);

test("what is published at one instance is at every other, once", async () => {
  const { handle, publisher } = await linked({ instances: 3 });
  const { instances } = await handle.status();
  const subscribers = await Promise.all(
    instances
      .slice(1)
      .map((instance) => AmpsTcpClient.connect({ port: instance.ports.amps, name: "subscriber" })),
  );
  for (const subscriber of subscribers) await subscriber.subscribe("orders");
  await publisher.publish("orders", { id: 1 }, { persisted: true });
  await publisher.publish("orders", { id: 2 }, { persisted: true });
  for (const subscriber of subscribers) {
    expect([(await subscriber.nextMessage()).body, (await subscriber.nextMessage()).body]).toEqual([
      '{"id":1}',
      '{"id":2}',
    ]);
    expect((await subscriber.sow("orders")).ack["records_returned"]).toBe(2);
    expect(subscriber.received.filter(({ header }) => header["c"] === "p")).toEqual([]);
  }
});

test("persisted is withheld while a sync destination is away, and released by a downgrade", async () => {
  const { handle, publisher } = await linked();
  await publisher.publish("orders", { id: 1 }, { persisted: true });
  await handle.act("amps-b", { do: "stop" });
  const withheld = publisher.publish("orders", { id: 2 }, { persisted: true });
  expect(await settles(withheld, 400)).toBe(false);
  await handle.act("amps-a", { do: "downgrade", to: "amps-b" });
  expect(await withheld).toMatchObject({ a: "persisted", status: "success" });
  expect(linkOf(await handle.status(), "amps-a")).toMatchObject({ configured: "sync", type: "async" });
});

test("persisted is withheld until a destination that was away has caught up", async () => {
  const { handle, publisher, b } = await linked();
  await handle.act("amps-b", { do: "stop" });
  const withheld = publisher.publish("orders", { id: 2 }, { persisted: true });
  expect(await settles(withheld, 300)).toBe(false);
  await handle.act("amps-b", { do: "start" });
  expect(await withheld).toMatchObject({ a: "persisted", status: "success" });
  const reader = await AmpsTcpClient.connect({ port: b.ports.amps, name: "reader" });
  expect((await reader.sow("orders")).records.map(({ body }) => body)).toEqual(['{"id":2}']);
});

test("a publisher that reconnects and repeats a message waits for the original to be persisted", async () => {
  const { handle, publisher, a } = await linked();
  await handle.act("amps-b", { do: "stop" });
  publisher.send({ c: "publish", t: "orders", a: "persisted", s: "5" }, '{"id":1}');
  await publisher.command({ c: "flush", a: "completed" });
  await publisher.close();
  const again = await AmpsTcpClient.connect({ port: a.ports.amps, name: "publisher" });
  const repeated = again.publish("orders", { id: 1 }, { persisted: true, sequence: 5n });
  expect(await settles(repeated, 300)).toBe(false);
  await handle.act("amps-b", { do: "start" });
  expect(await repeated).toMatchObject({ status: "success" });
});

test("a publisher that fails over and repeats a replicated message makes no second one", async () => {
  const { handle, publisher, b } = await linked();
  await publisher.publish("orders", { id: 1 }, { persisted: true, sequence: 5n });
  await handle.act("amps-a", { do: "stop" });
  const reader = await AmpsTcpClient.connect({ port: b.ports.amps, name: "reader" });
  await reader.subscribe("orders");
  const moved = await AmpsTcpClient.connect({ port: b.ports.amps, name: "publisher" });
  expect(await moved.publish("orders", { id: 1 }, { persisted: true, sequence: 5n })).toMatchObject({
    status: "success",
  });
  await moved.publish("orders", { id: 2 }, { sequence: 6n });
  expect((await reader.nextMessage()).body).toBe('{"id":2}');
});

test("what a stopped instance owns of a queue is delivered elsewhere once proxied transfer is on", async () => {
  const { handle, publisher, b } = await linked();
  await publisher.publish("q-work", { id: 1 }, { persisted: true });
  await handle.act("amps-a", { do: "stop" });
  const consumer = await AmpsTcpClient.connect({ port: b.ports.amps, name: "consumer" });
  await consumer.subscribe("q-work");
  await consumer.command({ c: "flush", a: "completed" });
  expect(consumer.received).toEqual([]);
  await fetch(`http://127.0.0.1:${b.ports.admin}/amps/administrator/queues/q-work/enable_proxied_transfer`);
  expect((await consumer.nextMessage()).body).toBe('{"id":1}');
});

test("a restart of the source silently makes a downgraded link sync again", async () => {
  const { handle } = await linked();
  await handle.act("amps-a", { do: "downgrade", to: "amps-b" });
  expect(linkOf(await handle.status(), "amps-a").type).toBe("async");
  await handle.act("amps-a", { do: "stop" });
  await handle.act("amps-a", { do: "start" });
  expect(linkOf(await handle.status(), "amps-a").type).toBe("sync");
});

test("an upgrade makes a downgraded link sync, and never one that was set up as async", async () => {
  const { handle } = await linked();
  await handle.act("amps-a", { do: "downgrade", to: "amps-b" });
  await handle.act("amps-a", { do: "upgrade", to: "amps-b" });
  expect(linkOf(await handle.status(), "amps-a").type).toBe("sync");
  const other = await runSandbox({ syncType: "async" });
  await other.handle.act("amps-a", { do: "upgrade", to: "amps-b" });
  expect(linkOf(await other.handle.status(), "amps-a").type).toBe("async");
});

test("an instance keeps its data and its ports over a restart, and its links count the seconds they are behind", async () => {
  const { handle, publisher, a } = await linked();
  await publisher.publish("orders", { id: 1 }, { persisted: true });
  await handle.act("amps-b", { do: "stop" });
  await publisher.publish("orders", { id: 2 });
  await until(handle, (status) => linkOf(status, "amps-a").secondsBehind >= 1);
  await handle.act("amps-a", { do: "stop" });
  expect(await publisher.closed).toBe("ECONNRESET");
  await handle.act("amps-a", { do: "start" });
  await handle.act("amps-b", { do: "start" });
  const status = await until(handle, (now) => allLinked(now) && linkOf(now, "amps-a").secondsBehind === 0);
  expect(status.instances[0]!.ports).toEqual(a.ports);
  const reader = await AmpsTcpClient.connect({ port: status.instances[1]!.ports.amps, name: "reader" });
  expect((await reader.sow("orders")).ack["records_returned"]).toBe(2);
});

test("a queue message is delivered where it was published and its acknowledgement reaches the peer", async () => {
  const { publisher, a, b } = await linked();
  await publisher.publish("q-work", { id: 1 }, { persisted: true });
  const there = await AmpsTcpClient.connect({ port: b.ports.amps, name: "there" });
  await there.subscribe("q-work");
  const here = await AmpsTcpClient.connect({ port: a.ports.amps, name: "here" });
  await here.subscribe("q-work");
  const { header } = await here.nextMessage();
  expect(there.received).toEqual([]);
  await here.command({ c: "sow_delete", t: "q-work", bm: header["bm"], a: "completed" });
  const depth = async () => {
    const answer = await fetch(`http://127.0.0.1:${b.ports.admin}/amps/instance/queues/q-work/queue_depth`);
    return (await answer.text()).trim();
  };
  await expect.poll(depth, { timeout: 4_000 }).toBe("0");
});

test("a slow instance answers and delivers late, in order", async () => {
  const { handle, publisher } = await linked();
  await publisher.subscribe("orders");
  await handle.act("amps-a", { do: "slow", delayMs: 200 });
  const sentMs = Date.now();
  await publisher.publish("orders", { id: 1 });
  expect(Date.now() - sentMs).toBeGreaterThanOrEqual(190);
  await publisher.publish("orders", { id: 2 });
  expect([(await publisher.nextMessage()).body, (await publisher.nextMessage()).body]).toEqual([
    '{"id":1}',
    '{"id":2}',
  ]);
});
