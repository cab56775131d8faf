import { describe, expect, test } from "vitest";
import { AmpsTcpClient, AmpsWsClient, type ClientOptions } from "../support/amps-client.ts";
import { runSandbox } from "./running-sandbox.ts";

const framings = [
  {
    framing: "TCP",
    connect: (options: ClientOptions) => AmpsTcpClient.connect(options),
    port: "amps" as const,
  },
  {
    framing: "TCP with preflight",
    connect: (options: ClientOptions) =>
      AmpsTcpClient.connect({ ...options, preflight: "tcp", pathPrefix: "/any" }),
    port: "amps" as const,
  },
  {
    framing: "WebSocket",
    connect: (options: ClientOptions) => AmpsWsClient.connect(options),
    port: "websocket" as const,
  },
];

describe.each(framings)("over $framing", ({ connect, port }) => {
  async function pair() {
    const { a, handle } = await runSandbox({ instances: 1 });
    const publisher = await connect({ port: a.ports[port], name: "publisher" });
    const subscriber = await connect({ port: a.ports[port], name: "subscriber" });
    return { publisher, subscriber, handle, a };
  }

  test("a published message reaches a subscriber whole", async () => {
    const { publisher, subscriber } = await pair();
    const ack = await subscriber.subscribe("trades", { sub_id: "s1" });
    expect(ack).toMatchObject({ a: "processed", status: "success", sub_id: "s1" });
    await publisher.publish("trades", { id: 1, note: 'hé } " {' });
    const { header, body } = await subscriber.nextMessage();
    expect(JSON.parse(body)).toEqual({ id: 1, note: 'hé } " {' });
    expect(header).toMatchObject({ c: "p", t: "trades", sids: "s1", l: Buffer.byteLength(body) });
  });

  test("a message that matches two subscriptions of a client comes once and names both", async () => {
    const { publisher, subscriber } = await pair();
    await subscriber.subscribe("trades", { sub_id: "s1" });
    await subscriber.subscribe("trades", { sub_id: "s2", filter: "/id = 1" });
    await publisher.publish("trades", { id: 1 });
    await publisher.publish("trades", { id: 2 });
    expect((await subscriber.nextMessage()).header["sids"]).toBe("s1,s2");
    expect((await subscriber.nextMessage()).header["sids"]).toBe("s1");
  });

  test("a filter lets through what it describes, and a filter that is not known is refused", async () => {
    const { publisher, subscriber } = await pair();
    await subscriber.subscribe("trades", { filter: "/symbol = 'IBM' AND /qty > 10" });
    await publisher.publish("trades", { id: 1, symbol: "IBM", qty: 5 });
    await publisher.publish("trades", { id: 2, symbol: "GE", qty: 50 });
    await publisher.publish("trades", { id: 3, symbol: "IBM", qty: 50 });
    expect(JSON.parse((await subscriber.nextMessage()).body)).toMatchObject({ id: 3 });
    const refused = await subscriber.subscribe("trades", { filter: "/symbol LIKE '^I'" });
    expect(refused).toMatchObject({ status: "failure", reason: "bad filter" });
  });

  test("a query returns the last message of each key, in batches, with its counts", async () => {
    const { publisher } = await pair();
    for (let id = 1; id <= 25; id += 1) await publisher.publish("orders", { id, price: id });
    await publisher.publish("orders", { id: 7, price: 700 });
    const { records, ack } = await publisher.sow("orders", "/price >= 20", { bs: 4 });
    expect(
      records.map(({ body }) => (JSON.parse(body) as { price: number }).price).sort((x, y) => x - y),
    ).toEqual([20, 21, 22, 23, 24, 25, 700]);
    expect(ack).toMatchObject({ status: "success", records_returned: 7, matches: 7, topic_matches: 25 });
    expect(records.map(({ header }) => header["bs"])).toEqual([4, 4, 4, 4, 3, 3, 3]);
  });

  test("sow_and_subscribe gives the state and then what follows, without a gap", async () => {
    const { publisher, subscriber } = await pair();
    await publisher.publish("orders", { id: 1 });
    const header = {
      c: "sow_and_subscribe",
      t: "orders",
      query_id: "q",
      sub_id: "s",
      a: "processed,completed",
    };
    await subscriber.command(header);
    await publisher.publish("orders", { id: 2 });
    expect(await subscriber.next((message) => message.header["c"] === "sow")).toMatchObject({
      body: '{"id":1}',
    });
    expect(await subscriber.nextMessage()).toMatchObject({ body: '{"id":2}' });
    expect(subscriber.received.map(({ header: { c } }) => c)).toEqual(["ack", "group_begin", "group_end"]);
  });

  test("delta_publish changes the fields it names", async () => {
    const { publisher } = await pair();
    await publisher.publish("orders", { id: 1, price: 5, qty: 9 });
    await publisher.publish("orders", { id: 1, price: 6 }, { delta: true });
    const { records } = await publisher.sow("orders");
    expect(records.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ id: 1, price: 6, qty: 9 }]);
  });

  test("sow_delete deletes by filter, by key and by body", async () => {
    const { publisher } = await pair();
    for (let id = 1; id <= 4; id += 1) await publisher.publish("orders", { id });
    const remove = { c: "sow_delete", t: "orders", a: "completed" };
    expect(await publisher.command({ ...remove, filter: "/id = 1" })).toMatchObject({ records_deleted: 1 });
    expect(await publisher.command(remove, '{"id":2}')).toMatchObject({ records_deleted: 1 });
    const { records } = await publisher.sow("orders", "/id = 3");
    const sow_keys = String(records[0]?.header["k"]);
    expect(await publisher.command({ ...remove, sow_keys })).toMatchObject({ records_deleted: 1 });
    expect((await publisher.sow("orders")).records.map(({ body }) => body)).toEqual(['{"id":4}']);
  });

  test("unsubscribe ends one subscription or all of them", async () => {
    const { publisher, subscriber } = await pair();
    await subscriber.subscribe("t1", { sub_id: "s1" });
    await subscriber.subscribe("t2", { sub_id: "s2" });
    await subscriber.subscribe("t3", { sub_id: "s3" });
    await subscriber.command({ c: "unsubscribe", sub_id: "s1", a: "processed" });
    await publisher.publish("t1", {});
    await publisher.publish("t2", {});
    expect((await subscriber.nextMessage()).header["t"]).toBe("t2");
    await subscriber.command({ c: "unsubscribe", sub_id: "all", a: "processed" });
    await publisher.publish("t3", {});
    expect(await publisher.command({ c: "flush", a: "processed,completed" })).toMatchObject({
      status: "success",
    });
    await subscriber.command({ c: "flush", a: "completed" });
    expect(subscriber.received.filter(({ header }) => header["c"] === "p")).toEqual([]);
  });

  test("a bookmark subscription replays from the epoch, from a bookmark, or from now", async () => {
    const { publisher, subscriber } = await pair();
    for (const id of [1, 2, 3]) await publisher.publish("hist", { id });
    await subscriber.subscribe("hist", { sub_id: "all", bm: "0" });
    const replay = [
      await subscriber.nextMessage(),
      await subscriber.nextMessage(),
      await subscriber.nextMessage(),
    ];
    expect(replay.map(({ body }) => body)).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
    await subscriber.command({ c: "unsubscribe", sub_id: "all", a: "processed" });
    await subscriber.subscribe("hist", { sub_id: "rest", bm: replay[1]?.header["bm"] });
    expect(await subscriber.nextMessage()).toMatchObject({ body: '{"id":3}', header: { sids: "rest" } });
    await subscriber.command({ c: "unsubscribe", sub_id: "rest", a: "processed" });
    await subscriber.subscribe("hist", { sub_id: "now", bm: "0|1|" });
    await publisher.publish("hist", { id: 4 });
    expect(await subscriber.nextMessage()).toMatchObject({ body: '{"id":4}', header: { sids: "now" } });
  });

  test("a repeated sequence is acknowledged and not delivered twice", async () => {
    const { publisher, subscriber } = await pair();
    const sequence = 1795426527626000001n;
    await subscriber.subscribe("trades");
    await publisher.publish("trades", { id: 1 }, { sequence, persisted: true });
    await publisher.publish("trades", { id: 1 }, { sequence, persisted: true });
    await publisher.publish("trades", { id: 2 }, { sequence: sequence + 1n });
    expect([(await subscriber.nextMessage()).body, (await subscriber.nextMessage()).body]).toEqual([
      '{"id":1}',
      '{"id":2}',
    ]);
  });
});
