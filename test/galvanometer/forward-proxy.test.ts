/** The forward proxy of Galvanometer windows, on real sockets, with instances that only a tunnel can reach. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import WebSocket from "ws";
import type { OpenedGalvanometer } from "../../app/galvanometer/galvanometers.ts";
import { allLinked, until as untilSandbox } from "../sandbox/running-sandbox.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";
import { ask, connectThrough, credential, openFirst, refusals, runNamedSandbox } from "./named-sandbox.ts";

cleanUpAfterEach();

describe("what a Galvanometer needs", () => {
  test("the page, its own statistics and those of its peer come by their real names, through the tunnel", async () => {
    const sandbox = await runNamedSandbox();
    await untilSandbox(sandbox.handle, allLinked);
    const opened = await openFirst(sandbox);
    expect(opened.address).toBe("http://amps-a.internal:8085/");
    expect((await ask(opened, opened.address)).body).toContain("SANDBOX");
    const own = await until(async () => {
      const answer = await ask(opened, "http://amps-a.internal:8085/amps/instance/replication.json");
      return answer.body.includes("amps-b.internal:8085") && answer;
    });
    expect(own.status).toBe(200);
    const peer = await ask(opened, "http://amps-b.internal:8085/amps/instance.json", [
      "Origin: http://amps-a.internal:8085",
    ]);
    expect(peer.status).toBe(200);
    expect(peer.head.toLowerCase()).toContain("access-control-allow-origin: *");
    expect(JSON.parse(peer.body).amps.instance.name).toBe("amps-b");
    expect(sandbox.dialled.every((one) => one.endsWith(" via desk"))).toBe(true);
    expect(await refusals(sandbox)).toEqual([]);
  });

  test("the SQL page's websocket delivers rows, by the page's own host name", async () => {
    // The websocket endpoint is configured by another name than the page's.
    const sandbox = await runNamedSandbox({ first: { websocket: "ws://sql-a.internal:9008" } });
    sandbox.names.set("sql-a.internal:9008", sandbox.a.ports.websocket);
    const opened = await openFirst(sandbox);
    const { status, client } = await connectThrough(opened, "amps-a.internal:9008");
    expect(status).toBe(200);
    const socket = new WebSocket("ws://amps-a.internal:9008/amps/json", {
      createConnection: () => client.socket,
    });
    cleanUp(() => socket.terminate());
    const received: string[] = [];
    socket.on("message", (data: Buffer) => received.push(data.toString("utf8")));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    socket.send("text");
    const command = (header: unknown) => {
      socket.send(Buffer.from([1, 0, 0, 0]));
      socket.send(JSON.stringify(header));
    };
    command({ c: "logon", cid: "1", a: "processed", version: "5.3.5.0:test", client_name: "sql" });
    await until(() => received.some((text) => text.includes('"cid":"1"')));
    socket.send(Buffer.from([2, 0, 0, 0]));
    socket.send(JSON.stringify({ c: "publish", t: "orders" }));
    socket.send('{"id":7,"symbol":"IBM"}');
    command({ c: "sow", cid: "2", query_id: "2", t: "orders", filter: "/id = 7", bs: 10, a: "completed" });
    await until(() => received.includes('{"id":7,"symbol":"IBM"}'));
  });

  test("an instance that only statistics name is reached through the same tunnel, and named for the operator", async () => {
    const sandbox = await runNamedSandbox({ onlyFirst: true });
    await untilSandbox(sandbox.handle, allLinked);
    const opened = await until(async () => {
      const reply = await openFirst(sandbox);
      return reply.uncovered.length > 0 && reply;
    });
    expect(opened.uncovered).toEqual([{ name: "amps-b", admin: "http://amps-b.internal:8085" }]);
    const peer = await ask(opened, "http://amps-b.internal:8085/amps/instance.json");
    expect(JSON.parse(peer.body).amps.instance.name).toBe("amps-b");
    const told = (await sandbox.running.activity()).filter((entry) => entry.event === "galvanometer-opened");
    expect(told.at(-1)?.message).toContain("amps-b (http://amps-b.internal:8085), which no backend covers");
  });

  test("an instance that appears in the statistics later is learnt when a page first asks for it", async () => {
    const sandbox = await runNamedSandbox({ onlyFirst: true });
    const peers = { rows: [] as unknown[] };
    const admin = createServer((_request, response) => {
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ amps: { instance: { replication: peers.rows } } }));
    });
    await new Promise<void>((resolve) => admin.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (admin.close(), admin.closeAllConnections()));
    sandbox.names.set("amps-a.internal:8085", (admin.address() as AddressInfo).port);
    const opened = await openFirst(sandbox);
    expect((await ask(opened, "http://amps-b.internal:8085/amps")).status).toBe(403);
    peers.rows = [{ destination_name: "amps-b", destination_admin_addr: "AMPS-B.internal:8085" }];
    // Learnt from the answer as it passes, without waiting for Shunt's own next look.
    await ask(opened, "http://amps-a.internal:8085/amps/instance/replication.json");
    expect((await ask(opened, "http://amps-b.internal:8085/amps/instance.json")).status).toBe(200);
  });

  test("`localhost` in statistics means the machine of the instance that says it", async () => {
    const sandbox = await runNamedSandbox({ onlyFirst: true });
    const secret = createServer((_request, response) => response.end("LOCAL-SECRET"));
    await new Promise<void>((resolve) => secret.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (secret.close(), secret.closeAllConnections()));
    const localPort = (secret.address() as AddressInfo).port;
    const admin = createServer((_request, response) => {
      response.setHeader("Content-Type", "application/json");
      response.end(`[{"destination_name":"x","destination_admin_addr":"localhost:${localPort}"}]`);
    });
    await new Promise<void>((resolve) => admin.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (admin.close(), admin.closeAllConnections()));
    sandbox.names.set("amps-a.internal:8085", (admin.address() as AddressInfo).port);
    sandbox.names.set(`amps-a.internal:${localPort}`, sandbox.b.ports.admin);
    const opened = await openFirst(sandbox);
    const answer = await ask(opened, `http://localhost:${localPort}/amps/instance.json`);
    expect(JSON.parse(answer.body).amps.instance.name).toBe("amps-b");
    expect(answer.body).not.toContain("LOCAL-SECRET");
  });

  test("a request pins its upstream to its client connection, as NTLM needs", async () => {
    const sandbox = await runNamedSandbox();
    const ports: number[] = [];
    const admin = createServer((request, response) => {
      // The engine's own probes come on connections of their own.
      if (request.url === "/amps") ports.push(request.socket.remotePort ?? 0);
      response.end("ok");
    });
    await new Promise<void>((resolve) => admin.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (admin.close(), admin.closeAllConnections()));
    sandbox.names.set("amps-a.internal:8085", (admin.address() as AddressInfo).port);
    const opened = await openFirst(sandbox);
    const request = `GET http://amps-a.internal:8085/amps HTTP/1.1\r\nHost: x\r\n${credential(opened)}\r\n\r\n`;
    const [one, two] = [await connectTcp(opened.proxyPort), await connectTcp(opened.proxyPort)];
    for (const client of [one, two, one, two]) {
      const before = ports.length;
      client.socket.write(request);
      await until(() => ports.length > before);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(ports[0]).toBe(ports[2]);
    expect(ports[1]).toBe(ports[3]);
    expect(ports[0]).not.toBe(ports[1]);
  });

  test("proxy headers and Shunt's credential never reach an instance", async () => {
    const sandbox = await runNamedSandbox();
    const seen: string[] = [];
    const admin = createServer((request, response) => {
      seen.push(request.rawHeaders.join("\n"));
      response.end("ok");
    });
    await new Promise<void>((resolve) => admin.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (admin.close(), admin.closeAllConnections()));
    sandbox.names.set("amps-a.internal:8085", (admin.address() as AddressInfo).port);
    const opened = await openFirst(sandbox);
    await ask(opened, "http://AMPS-A.internal:8085/amps", [
      "Proxy-Connection: keep-alive",
      "X-Forwarded-For: 1.2.3.4",
    ]);
    const last = seen.at(-1) ?? "";
    expect(last).not.toMatch(/proxy-|forwarded/i);
    expect(last).not.toContain(opened.user);
    expect(last).toContain("Host\namps-a.internal:8085");
  });
});

test("a connection whose instance has gone is answered, and serves again when it is back", async () => {
  const sandbox = await runNamedSandbox();
  const opened = await openFirst(sandbox);
  const client = await connectTcp(opened.proxyPort);
  const request = `GET ${opened.address}amps/instance/name.json HTTP/1.1\r\nHost: x\r\n${credential(opened)}\r\n\r\n`;
  client.socket.write(request);
  await client.receivedText('"name":"amps-a"');
  await sandbox.handle.act("amps-a", { do: "stop" });
  client.socket.write(request);
  expect((await client.whole()).toString()).toContain("X-Shunt-Error: CONNECT_REFUSED");
  await sandbox.handle.act("amps-a", { do: "start" });
  expect((await ask(opened, opened.address)).status).toBe(200);
});

describe("the end", () => {
  test("closing a Galvanometer ends its connections and its credential, and no other's", async () => {
    const sandbox = await runNamedSandbox();
    const [opened, other] = [await openFirst(sandbox), await openFirst(sandbox)];
    const { client } = await connectThrough(opened, "amps-a.internal:9008");
    client.socket.write("GET /amps/json HTTP/1.1\r\n");
    const { client: staying } = await connectThrough(other, "amps-a.internal:9008");
    await sandbox.running.engine.closeGalvanometer(opened.id);
    await client.ended;
    expect((await ask(opened, opened.address)).status).toBe(407);
    expect((await ask(other, other.address)).status).toBe(200);
    expect(staying.socket.destroyed).toBe(false);
    expect(await sandbox.running.engine.judgeGalvanometer(opened.id, pageOf(opened))).toMatchObject({
      ok: false,
    });
  });

  test("a backend that is taken out of the configuration ends its tunnels", async () => {
    const sandbox = await runNamedSandbox();
    const opened = await openFirst(sandbox);
    const { client } = await connectThrough(opened, "amps-b.internal:9008");
    client.socket.write("GET /amps/json HTTP/1.1\r\n");
    await until(() => sandbox.dialled.includes("amps-b.internal:9008 via desk"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await sandbox.running.apply({
      version: 1,
      tunnels: [{ id: "desk", type: "socks5", address: "127.0.0.1:1" }],
      backends: [{ id: "amps-a", via: "desk", admin: "http://amps-a.internal:8085" }],
      pools: [],
      routes: [],
    });
    expect(await client.ended).toBe("ECONNRESET");
    expect((await connectThrough(opened, "amps-b.internal:9008")).status).toBe(403);
  });
});

const pageOf = ({ address }: OpenedGalvanometer) => ({
  scheme: "http" as const,
  method: "GET",
  authority: new URL(address).host,
  target: "/",
});
