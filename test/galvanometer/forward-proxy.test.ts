/** The forward proxy of Galvanometer windows, on real sockets, with instances that only a tunnel can reach. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import type { OpenedGalvanometer } from "../../app/galvanometer/galvanometers.ts";
import { allLinked, until as untilSandbox } from "../sandbox/running-sandbox.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";
import {
  ask,
  connectThrough,
  credential,
  must,
  readProxyAnswer,
  runNamedSandbox,
  type NamedSandbox,
} from "./named-sandbox.ts";

cleanUpAfterEach();

const open = async (sandbox: NamedSandbox, fenced = false): Promise<OpenedGalvanometer> =>
  must(await sandbox.running.engine.openGalvanometer("amps-a", { fenced }));
const refusals = async ({ running }: NamedSandbox) =>
  (await running.activity()).filter((entry) => entry.event === "galvanometer-refused");

describe("what a Galvanometer needs", () => {
  test("the page, its own statistics and those of its peer come by their real names, through the tunnel", async () => {
    const sandbox = await runNamedSandbox();
    await untilSandbox(sandbox.handle, allLinked);
    const opened = await open(sandbox);
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
    const opened = await open(sandbox);
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
      const reply = must(await sandbox.running.engine.openGalvanometer("amps-a", { fenced: false }));
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
    const opened = await open(sandbox);
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
    const opened = await open(sandbox);
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
    const opened = await open(sandbox);
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
    const opened = await open(sandbox);
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

describe("what it refuses", () => {
  let sandbox: NamedSandbox;
  let opened: OpenedGalvanometer;
  beforeEach(async () => {
    sandbox = await runNamedSandbox();
    opened = await open(sandbox);
  });

  const secretPort = async (): Promise<number> => {
    const secret = createServer((_request, response) => response.end("LOCAL-SECRET"));
    await new Promise<void>((resolve) => secret.listen(0, "127.0.0.1", resolve));
    cleanUp(() => void (secret.close(), secret.closeAllConnections()));
    return (secret.address() as AddressInfo).port;
  };

  test("40 spellings of an address that is not in the book reach nothing", async () => {
    const port = await secretPort();
    const dialledBefore = sandbox.dialled.length;
    const spellings = [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `LOCALHOST:${port}`,
      `localhost.:${port}`,
      `x.localhost:${port}`,
      `[::1]:${port}`,
      `[0:0:0:0:0:0:0:1]:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `[::ffff:7f00:1]:${port}`,
      `[::]:${port}`,
      `[::1%25lo]:${port}`,
      `0.0.0.0:${port}`,
      `0:${port}`,
      `127.1:${port}`,
      `127.0.1:${port}`,
      `0177.0.0.1:${port}`,
      `0x7f.0.0.1:${port}`,
      `0x7f000001:${port}`,
      `2130706433:${port}`,
      `127.0.0.1.:${port}`,
      `127.0.0.01:${port}`,
      `%31%32%37.0.0.1:${port}`,
      `127。0。0。1:${port}`,
      `169.254.169.254:80`,
      `amps-a.internal:${port}`,
      `amps-a.internal.:8085`,
      `amps-a.internal:08085`,
      `amps-a.internal:+8085`,
      `amps-a.internal:8085:${port}`,
      `amps-a.internal:8085@127.0.0.1:${port}`,
      `user@127.0.0.1:${port}`,
      `user:pw@amps-a.internal:8085`,
      `[amps-a.internal]:8085`,
      `amps-a.internal%00.evil:8085`,
      `amps-a.internal\\@127.0.0.1:${port}`,
      `amps-a.internal#@127.0.0.1:${port}`,
      `amps-a.internal?@127.0.0.1:${port}`,
      `amps-a`,
      `amps-a.internal`,
      `amps-a.internal:65621`,
      `amps-c.internal:8085`,
      `amps-a.internal.evil.example:8085`,
    ];
    expect(spellings.length).toBeGreaterThanOrEqual(40);
    for (const authority of spellings) {
      const plain = await ask(opened, `http://${authority}/`);
      expect([400, 403], `GET ${authority}`).toContain(plain.status);
      expect(plain.body).not.toContain("LOCAL-SECRET");
      const { status, client } = await connectThrough(opened, authority);
      expect([400, 403], `CONNECT ${authority}`).toContain(status);
      client.socket.destroy();
    }
    // Asking the opened instance and its peer what they name is all that was dialled.
    for (const one of sandbox.dialled.slice(dialledBefore))
      expect(one).toMatch(/^amps-[ab]\.internal:8085 via desk$/);
  });

  test("other schemes, other forms and a second Host are no request", async () => {
    const { proxyPort } = opened;
    const lines = [
      `GET https://amps-a.internal:8085/ HTTP/1.1\r\nHost: x`,
      `GET ftp://amps-a.internal:8085/ HTTP/1.1\r\nHost: x`,
      `GET HTTP://amps-a.internal:8085/ HTTP/1.1\r\nHost: x`,
      `GET / HTTP/1.1\r\nHost: amps-a.internal:8085`,
      `GET //amps-a.internal:8085/ HTTP/1.1\r\nHost: x`,
      `OPTIONS * HTTP/1.1\r\nHost: x`,
      `GET http://amps-a.internal:8085/ HTTP/1.1\r\nHost: a\r\nHost: b`,
      `GET http://amps-a.internal:8085/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade`,
    ];
    for (const line of lines) {
      const client = await connectTcp(proxyPort);
      client.socket.write(`${line}\r\n${credential(opened)}\r\n\r\n`);
      const answer = readProxyAnswer((await client.receivedText("\r\n\r\n")).toString());
      expect(answer.status, line).toBe(400);
      client.socket.destroy();
    }
  });

  test("nobody without the credential of a scope gets past, and guessing tells nothing", async () => {
    const client = await connectTcp(opened.proxyPort);
    client.socket.write("GET http://amps-a.internal:8085/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const answer = readProxyAnswer((await client.whole()).toString());
    expect(answer.status).toBe(407);
    expect(answer.head).toContain('Proxy-Authenticate: Basic realm="Shunt"');
    for (const [user, password] of [
      [opened.user, ""],
      [opened.user, opened.password.slice(1)],
      ["", opened.password],
      ["nobody", "x"],
    ] as const) {
      expect((await ask({ ...opened, user, password }, opened.address)).status).toBe(407);
      expect((await connectThrough({ ...opened, user, password }, "amps-a.internal:9008")).status).toBe(407);
    }
  });

  test("the second request on a kept connection is judged like the first", async () => {
    const port = await secretPort();
    const client = await connectTcp(opened.proxyPort);
    const request = (url: string) => `GET ${url} HTTP/1.1\r\nHost: x\r\n${credential(opened)}\r\n\r\n`;
    client.socket.write(request("http://amps-a.internal:8085/amps/instance/name.json"));
    await client.receivedText('"name":"amps-a"');
    client.socket.write(request(`http://127.0.0.1:${port}/`) + request(opened.address));
    const text = (await client.whole()).toString();
    expect(text).toContain("X-Shunt-Error: UNKNOWN_TARGET");
    expect(text).not.toContain("LOCAL-SECRET");
  });

  test("a plain admin port is not reached by CONNECT, where an action would pass unseen", async () => {
    for (const fenced of [false, true]) {
      const scope = await open(sandbox, fenced);
      expect((await connectThrough(scope, "amps-a.internal:8085")).status).toBe(403);
    }
    expect((await ask(opened, "http://amps-a.internal:9008/")).status).toBe(403);
  });

  test("a refusal is a readable page, seen by polling scripts, and in the activity once a minute for each address", async () => {
    for (let n = 0; n < 3; n += 1) {
      const answer = await ask(opened, "http://10.9.9.9:8085/amps/instance.json");
      expect(answer.status).toBe(403);
      expect(answer.head).toContain("X-Shunt-Error: UNKNOWN_TARGET");
      expect(answer.head).toContain("Access-Control-Allow-Origin: *");
      expect(answer.body).toContain("asked for 10.9.9.9:8085");
    }
    await ask(opened, "http://10.9.9.8:8085/");
    const told = await refusals(sandbox);
    expect(told.map((entry) => /asked for (\S+),/.exec(entry.message)?.[1])).toEqual([
      "10.9.9.9:8085",
      "10.9.9.8:8085",
    ]);
    expect(told[0]).toMatchObject({ backend: "amps-a", code: "UNKNOWN_TARGET", severity: "warning" });
  });

  test("a dead instance is answered within the dial limit with what to do", async () => {
    await sandbox.handle.act("amps-b", { do: "stop" });
    const answer = await ask(opened, "http://amps-b.internal:8085/amps/instance.json");
    expect(answer.status).toBe(502);
    expect(answer.head).toContain("X-Shunt-Error: CONNECT_REFUSED");
  });
});

test("a connection whose instance has gone is answered, and serves again when it is back", async () => {
  const sandbox = await runNamedSandbox();
  const opened = await open(sandbox);
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

describe("read-only", () => {
  const action = "http://amps-a.internal:8085/amps/administrator/transports/1/disable";

  test("administrative actions are refused, however they are spelt, with a page that says why", async () => {
    const sandbox = await runNamedSandbox({ first: { adminAccess: "read-only" } });
    const opened = await open(sandbox);
    for (const path of [
      "/amps/administrator/transports/1/disable",
      "/amps/Administrator/transports/1/disable.json",
      "/amps//administrator/diagnostics/minidump",
      "/amps/instance/../administrator/diagnostics/minidump",
      "/amps/%61dministrator/clients/1/disconnect",
      "/amps/instance/replication/1/downgrade",
    ]) {
      const answer = await ask(opened, `http://amps-a.internal:8085${path}`);
      expect(answer.status, path).toBe(403);
      expect(answer.body).toContain("read-only through Shunt");
      expect(answer.body).toContain("Unlock administrative actions");
    }
    expect((await ask(opened, "http://amps-a.internal:8085/amps/host/cpus.json")).status).toBe(200);
    expect((await ask(opened, "http://amps-a.internal:8085/amps", [], "POST")).status).toBe(403);
  });

  test("the operator unlocks them for a while, in that one scope, and the activity has both ends", async () => {
    const sandbox = await runNamedSandbox({ first: { adminAccess: "read-only" } });
    const [opened, other] = [await open(sandbox), await open(sandbox)];
    must(await sandbox.running.engine.unlockGalvanometer(opened.id, 400));
    expect((await ask(opened, action)).status).toBe(200);
    expect((await ask(other, action)).status).toBe(403);
    await until(async () => (await ask(opened, action)).status === 403);
    const events = (await sandbox.running.activity()).map((entry) => entry.event);
    expect(events.filter((event) => /locked$/.test(event))).toEqual([
      "galvanometer-unlocked",
      "galvanometer-locked",
    ]);
  });

  test("a window acts on its own instance only, also where its peer has full access", async () => {
    const sandbox = await runNamedSandbox();
    const opened = await open(sandbox);
    const answer = await ask(opened, "http://amps-b.internal:8085/amps/administrator/transports/1/disable");
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("which this window only reads");
    expect((await ask(opened, action)).status).toBe(200);
  });
});

describe("the end", () => {
  test("closing a Galvanometer ends its connections and its credential, and no other's", async () => {
    const sandbox = await runNamedSandbox();
    const [opened, other] = [await open(sandbox), await open(sandbox)];
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
    const opened = await open(sandbox);
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
