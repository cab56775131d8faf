import { describe, expect, test } from "vitest";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";
import { emptyDocument, json, oneRoute, runApi, token } from "./running-api.ts";

cleanUpAfterEach();

describe("the live WebSocket", () => {
  const hello = JSON.stringify({ token });

  test("says hello to the token, and then what changes and what happens", async () => {
    const { config, port } = await oneRoute();
    const { live, fetch } = await runApi(config);
    const watcher = await live();
    watcher.socket.send(hello);
    expect(await watcher.message("hello")).toEqual({ type: "hello" });
    const client = await connectTcp(port);
    client.socket.write(frame('{"c":"logon","client_name":"view-7"}'));
    await until(() => JSON.stringify(watcher.messages).includes('"ampsClient":"view-7"'));
    expect(await watcher.message("changes")).toMatchObject({
      changes: { revision: expect.any(Number) as number },
    });
    await fetch("/api/config", { method: "PUT", headers: json, body: JSON.stringify(emptyDocument) });
    expect(await watcher.message("config")).toEqual({ type: "config", revision: 2 });
    expect(await watcher.message("activity")).toMatchObject({
      entries: [{ sequence: expect.any(Number) as number }],
    });
    await fetch("/api/commands/sandbox.start", { method: "POST", headers: json });
    expect(await watcher.message("sandbox")).toMatchObject({ status: { running: true } });
  });

  test("tells of connections unless that is not wanted, which may change, and says when it has", async () => {
    const { config, port } = await oneRoute();
    const { live } = await runApi(config);
    const watcher = await live();
    watcher.socket.send(JSON.stringify({ token, connections: false }));
    await watcher.message("hello");
    await connectTcp(port);
    await until(() => JSON.stringify(watcher.messages).includes('"openConnections":1'));
    expect(JSON.stringify(watcher.messages)).not.toContain('"connections":{"set"');
    watcher.socket.send("not JSON");
    watcher.socket.send(JSON.stringify({ connections: "yes" }));
    watcher.socket.send(JSON.stringify({ connections: true }));
    expect(await watcher.message("listing")).toEqual({ type: "listing", connections: true });
    await connectTcp(port);
    await until(() => JSON.stringify(watcher.messages).includes('"connections":{"set"'));
    const rows = watcher.messages.flatMap((one) =>
      one.type === "changes" ? (one.changes.connections?.set ?? []) : [],
    );
    // Of the first one a snapshot tells.
    expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
  });

  test.each([
    ["a wrong token", JSON.stringify({ token: "wrong" })],
    ["an empty token", JSON.stringify({ token: "" })],
    ["no token", "{}"],
    ["the bare token", token],
    ["a token in a list", JSON.stringify({ token: [token] })],
    ["null", "null"],
    ["no JSON", "{"],
  ])("closes with 4401 at %s, and has said nothing", async (_what, first) => {
    const { live } = await runApi();
    const watcher = await live();
    watcher.socket.send(first);
    expect(await watcher.closed).toBe(4401);
    expect(watcher.messages).toEqual([]);
  });

  test("closes with 4401 where no token came within five seconds", async () => {
    const { live, fetch } = await runApi();
    const watcher = await live();
    const begun = performance.now();
    await fetch("/api/config", { method: "PUT", headers: json, body: JSON.stringify(emptyDocument) });
    expect(await watcher.closed).toBe(4401);
    expect(performance.now() - begun).toBeGreaterThan(4_800);
    expect(watcher.messages).toEqual([]);
  });

  test("takes no first message above 4 KB", async () => {
    const { live } = await runApi();
    const watcher = await live();
    watcher.socket.send(JSON.stringify({ token, more: "x".repeat(5_000) }));
    expect(await watcher.closed).toBe(1009);
  });

  test.each([
    [{ Origin: "http://evil.com" }],
    [{ Origin: "null" }],
    [{ Host: "evil.com" }],
    [{ "Sec-Fetch-Site": "cross-site" }],
  ])("is not opened for %j", async (headers) => {
    const { live } = await runApi();
    await expect(live(headers)).rejects.toThrow("403");
  });

  test("is at its own path alone", async () => {
    const { raw } = await runApi();
    const lines = [
      "Host: 127.0.0.1:{port}",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    for (const path of ["/", "/api/snapshot", "/api/live/", "/api/commands/about.get"])
      expect((await raw(`GET ${path} HTTP/1.1`, ...lines)).status).toBe(403);
  });
});
