/** What a Galvanometer comes to reach beyond its configuration, and what the snapshot says of its connections. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { BackendConfig } from "../../app/contract/config.ts";
import { makeAddressBook } from "../../app/galvanometer/address-book.ts";
import type { OpenedGalvanometer } from "../../app/galvanometer/galvanometers.ts";
import { readSqlTransport } from "../../app/galvanometer/sql-transport.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";
import { connectTcp } from "../support/tcp-client.ts";
import {
  ask,
  connectThrough,
  credential,
  desk,
  must,
  openFirst,
  runNamedSandbox,
  type NamedSandbox,
} from "./named-sandbox.ts";

cleanUpAfterEach();

/** In place of amps-a: an admin endpoint with a configuration of its own. */
async function configuredAs(sandbox: NamedSandbox, admin: string, transports = ""): Promise<void> {
  const server = createServer((request, response) => {
    const isConfig = request.url === "/amps/instance/config.xml";
    response.setHeader("Content-Type", isConfig ? "application/xml" : "application/json");
    response.end(
      isConfig
        ? `<AMPSConfig><Admin>${admin}</Admin><Transports>${transports}</Transports></AMPSConfig>`
        : "{}",
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void (server.close(), server.closeAllConnections()));
  sandbox.names.set("amps-a.internal:8085", (server.address() as AddressInfo).port);
}

/** Passes where a websocket transport answers under the address. */
const handshakes = async (opened: OpenedGalvanometer, authority: string): Promise<void> => {
  const { status, client } = await connectThrough(opened, authority);
  expect(status).toBe(200);
  const lines = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"];
  const key = "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==";
  client.socket.write(["GET /amps/json HTTP/1.1", "Host: x", ...lines, key, "", ""].join("\r\n"));
  await client.receivedText("101 Switching Protocols");
};

describe("the SQL page's address", () => {
  test("`SQLTransportInetAddr` is learnt from AMPS's configuration, and the websocket endpoint serves it", async () => {
    const sandbox = await runNamedSandbox();
    await configuredAs(sandbox, "<SQLTransportInetAddr>desk-proxy.example:9443</SQLTransportInetAddr>");
    const opened = await openFirst(sandbox);
    await handshakes(opened, "desk-proxy.example:9443");
    expect(sandbox.dialled).toContain("amps-a.internal:9008 via desk");
  });

  test("behind a path it is the web server's, reached through the backend's tunnel", async () => {
    const sandbox = await runNamedSandbox();
    sandbox.names.set("desk-proxy.example:80", sandbox.a.ports.websocket);
    await configuredAs(sandbox, "<SQLTransportInetAddr>desk-proxy.example/amps-a/ws</SQLTransportInetAddr>");
    const opened = await openFirst(sandbox);
    await handshakes(opened, "desk-proxy.example:80");
    expect(sandbox.dialled).toContain("desk-proxy.example:80 via desk");
  });

  test("the port of the transport that `SQLTransport` names is enough where a backend has no websocket endpoint", async () => {
    const sandbox = await runNamedSandbox();
    const backends = [{ id: "amps-a", via: "desk", admin: "http://amps-a.internal:8085" }];
    await sandbox.running.apply({ version: 1, tunnels: [desk], backends, pools: [], routes: [] });
    await configuredAs(
      sandbox,
      "<SQLTransport>web</SQLTransport>",
      "<Transport><Name>tcp</Name><InetAddr>9007</InetAddr></Transport><Transport><Name>web</Name><InetAddr>9008</InetAddr></Transport>",
    );
    const opened = await openFirst(sandbox);
    await handshakes(opened, "amps-a.internal:9008");
    expect((await connectThrough(opened, "amps-a.internal:9007")).status).toBe(403);
  });

  test.each([
    ["<SQLTransportInetAddr>wss://p.example/x</SQLTransportInetAddr>", "p.example", 443, true],
    ["<SQLTransportInetAddr>p.example:9008/</SQLTransportInetAddr>", "p.example", 9008, false],
    ["<SQLTransportInetAddr>user:pw@p.example:1</SQLTransportInetAddr>", null, null, false],
  ])("%s", (admin, host, port, behindPath) => {
    const read = readSqlTransport(`<AMPSConfig><Admin>${admin}</Admin></AMPSConfig>`);
    expect(read).toMatchObject({ announced: host === null ? null : { host, port }, behindPath });
  });

  test("what is no AMPS configuration says nothing, and no entity is expanded", () => {
    for (const text of ["", "<html>", '{"a":1}', "<AMPSConfig/>"]) expect(readSqlTransport(text)).toBeNull();
    const bomb = `<!DOCTYPE a [<!ENTITY h "evil.example:1">]><AMPSConfig><Admin><SQLTransportInetAddr>&h;</SQLTransportInetAddr></Admin></AMPSConfig>`;
    expect(readSqlTransport(bomb)?.announced ?? null).toBeNull();
  });

  test("an announced address never takes the place of a configured one", () => {
    const opened: BackendConfig = { id: "a", admin: "http://a:8085", websocket: "ws://a:9008" };
    const other: BackendConfig = { id: "b", admin: "http://b:8085" };
    const sql = { port: 9008, announced: { host: "b", port: 8085 }, behindPath: false };
    const { places } = makeAddressBook({ opened, backends: [opened, other], peers: [], sql });
    expect(places.get("b:8085")).toMatchObject({ use: "admin" });
  });
});

describe("an address that was refused", () => {
  test("is offered to the operator as it was asked for, and reached through the tunnel once allowed, until the end", async () => {
    const sandbox = await runNamedSandbox();
    sandbox.names.set("10.9.9.9:8085", sandbox.b.ports.admin);
    const opened = await openFirst(sandbox);
    const url = "http://10.9.9.9:8085/amps/instance/name.json";
    expect((await ask(opened, url)).status).toBe(403);
    expect((await connectThrough(opened, "10.9.9.9:9008")).status).toBe(403);
    const offered = (await sandbox.running.activity()).flatMap(({ target }) => (target ? [target] : []));
    expect(offered).toEqual([
      { address: "10.9.9.9:8085", use: "admin" },
      { address: "10.9.9.9:9008", use: "websocket" },
    ]);
    must(
      await sandbox.running.engine.allowGalvanometer("amps-a", { address: "10.9.9.9:8085", use: "admin" }),
    );
    expect((await ask(opened, url)).body).toContain("amps-b");
    expect(sandbox.dialled).toContain("10.9.9.9:8085 via desk");
    // It is read, and never acted upon.
    expect((await ask(opened, "http://10.9.9.9:8085/amps/administrator/x")).status).toBe(403);
    expect((await connectThrough(opened, "10.9.9.9:9008")).status).toBe(403);
    expect((await ask(await openFirst(sandbox), url)).status).toBe(403);
    const events = (await sandbox.running.activity()).map(({ event }) => event);
    expect(events).toContain("galvanometer-allowed");
  });

  test("this machine's own services are neither offered nor allowed", async () => {
    const sandbox = await runNamedSandbox();
    const opened = await openFirst(sandbox);
    for (const address of [
      "127.0.0.1:8085",
      "x.localhost:8085",
      "0.0.0.0:8085",
      "[::1]:8085",
      "not an address",
    ]) {
      await ask(opened, `http://${address}/`);
      const reply = await sandbox.running.engine.allowGalvanometer("amps-a", { address, use: "admin" });
      expect(reply, address).toMatchObject({ ok: false, failure: { code: "BAD_ARGUMENT" } });
    }
    expect((await sandbox.running.activity()).filter(({ target }) => target)).toEqual([]);
    await sandbox.running.engine.closeGalvanometer(opened.id);
    const late = await sandbox.running.engine.allowGalvanometer("amps-a", { address: "b:1", use: "admin" });
    expect(late).toMatchObject({ ok: false, failure: { code: "NOT_FOUND" } });
  });
});

describe("the snapshot", () => {
  test("lists a Galvanometer's connections with their bytes, counts them on no route, and lets the operator close one", async () => {
    const sandbox = await runNamedSandbox();
    const opened = await openFirst(sandbox);
    const { client } = await connectThrough(opened, "amps-a.internal:9008");
    const request = "GET /amps/json HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n";
    client.socket.write(request);
    const listed = await sandbox.running.until(({ connections }) =>
      connections.find((one) => one.kind === "websocket" && one.bytes.toClient > 0),
    );
    expect(listed).toMatchObject({
      route: "",
      backend: "amps-a",
      why: "Galvanometer of amps-a",
      state: "open",
    });
    expect(listed.bytes.toBackend).toBe(request.length);
    const { backends } = await sandbox.running.snapshot();
    expect(backends.map(({ connections }) => connections)).toEqual([0, 0]);
    must(await sandbox.running.engine.closeConnection(listed.id));
    await client.ended;
    await sandbox.running.until(({ connections }) => connections.length === 0);
    expect((await sandbox.running.activity()).at(-1)).toMatchObject({
      event: "connection-cut",
      backend: "amps-a",
    });
  });

  test("a page's kept connection is listed as long as it lasts, a peer that no backend covers by its address", async () => {
    const sandbox = await runNamedSandbox({ onlyFirst: true });
    const opened = await until(async () => {
      const one = await openFirst(sandbox);
      return one.uncovered.length > 0 && one;
    });
    const client = await connectTcp(opened.proxyPort);
    client.socket.write(
      `GET http://amps-b.internal:8085/amps/instance/name.json HTTP/1.1\r\nHost: x\r\n${credential(opened)}\r\n\r\n`,
    );
    await client.receivedText('"amps-b"');
    const listed = await sandbox.running.until(({ connections }) => connections[0]);
    expect(listed).toMatchObject({ kind: "admin", backend: "amps-b.internal:8085" });
    expect(listed.bytes.toClient).toBeGreaterThan(100);
    client.socket.destroy();
    await sandbox.running.until(({ connections }) => connections.length === 0);
  });
});
