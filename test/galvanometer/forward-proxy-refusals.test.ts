/** What the forward proxy of Galvanometer windows refuses: addresses, forms, strangers, and administrative actions. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import type { OpenedGalvanometer } from "../../app/galvanometer/galvanometers.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";
import {
  ask,
  connectThrough,
  credential,
  must,
  openFirst,
  refusals,
  readProxyAnswer,
  runNamedSandbox,
  type NamedSandbox,
} from "./named-sandbox.ts";

cleanUpAfterEach();

describe("what it refuses", () => {
  let sandbox: NamedSandbox;
  let opened: OpenedGalvanometer;
  beforeEach(async () => {
    sandbox = await runNamedSandbox();
    opened = await openFirst(sandbox);
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
      const scope = await openFirst(sandbox, fenced);
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

describe("read-only", () => {
  const action = "http://amps-a.internal:8085/amps/administrator/transports/1/disable";

  test("administrative actions are refused, however they are spelt, with a page that says why", async () => {
    const sandbox = await runNamedSandbox({ first: { adminAccess: "read-only" } });
    const opened = await openFirst(sandbox);
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
    const [opened, other] = [await openFirst(sandbox), await openFirst(sandbox)];
    must(await sandbox.running.engine.unlockGalvanometer(opened.id, 2_000));
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
    const opened = await openFirst(sandbox);
    const answer = await ask(opened, "http://amps-b.internal:8085/amps/administrator/transports/1/disable");
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("which this window only reads");
    expect((await ask(opened, action)).status).toBe(200);
  });
});
