import { expect, test } from "vitest";
import { AmpsTcpClient } from "../support/amps-client.ts";
import { runSandbox } from "./running-sandbox.ts";

async function queueClients(leaseMs = 30_000) {
  const { a } = await runSandbox({ instances: 1, leaseMs });
  const connect = (name: string) => AmpsTcpClient.connect({ port: a.ports.amps, name });
  return { publisher: await connect("publisher"), one: await connect("one"), two: await connect("two") };
}

const acknowledge = (client: AmpsTcpClient, bookmark: unknown) =>
  client.command({ c: "sow_delete", t: "q-work", bm: bookmark, a: "completed" });

test("a queue message goes to one consumer, with a lease, and no more than its backlog", async () => {
  const { publisher, one, two } = await queueClients();
  expect(await one.subscribe("q-work", { o: "max_backlog=2" })).toMatchObject({ opts: "max_backlog=2" });
  for (const id of [1, 2, 3]) await publisher.publish("q-work", { id });
  const [first, second] = [await one.nextMessage(), await one.nextMessage()];
  expect([first.body, second.body]).toEqual(['{"id":1}', '{"id":2}']);
  expect(first.header["lp"]).toMatch(/^\d{8}T\d{6}\.\d{6}Z$/);
  await one.command({ c: "flush", a: "completed" });
  expect(one.received).toEqual([]);
  await two.subscribe("q-work");
  expect((await two.nextMessage()).body).toBe('{"id":3}');
});

test("an acknowledged message is gone and makes room for the next", async () => {
  const { publisher, one } = await queueClients();
  await one.subscribe("q-work");
  for (const id of [1, 2]) await publisher.publish("q-work", { id });
  const first = await one.nextMessage();
  expect(await acknowledge(one, first.header["bm"])).toMatchObject({ records_deleted: 1 });
  expect((await one.nextMessage()).body).toBe('{"id":2}');
  expect(await acknowledge(one, first.header["bm"])).toMatchObject({ records_deleted: 0 });
});

test("a message whose lease ends unacknowledged is delivered again", async () => {
  const { publisher, one, two } = await queueClients(150);
  await one.subscribe("q-work");
  await publisher.publish("q-work", { id: 1 });
  const first = await one.nextMessage();
  await one.command({ c: "unsubscribe", sub_id: "none", a: "processed" });
  await two.subscribe("q-work");
  const again = await Promise.race([one.nextMessage(), two.nextMessage()]);
  expect(again).toMatchObject({ body: '{"id":1}', header: { bm: first.header["bm"] } });
  expect(again.header["lp"]).not.toBe(first.header["lp"]);
});

test("what a lost consumer had leased goes to another at once", async () => {
  const { publisher, one, two } = await queueClients();
  await one.subscribe("q-work");
  await publisher.publish("q-work", { id: 1 });
  await one.nextMessage();
  await two.subscribe("q-work");
  one.socket.destroy();
  expect((await two.nextMessage()).body).toBe('{"id":1}');
});
