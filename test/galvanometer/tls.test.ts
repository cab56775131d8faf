/** Galvanometers of instances that speak TLS: through the proxy as they are, or with the TLS spoken by Shunt. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { networkInterfaces, tmpdir } from "node:os";
import { createServer as createHttpServer } from "node:http";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSocket } from "../../app/forward/open-tcp.ts";
import { makeSelfSigned } from "../support/certificates.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { ask, connectThrough, desk, must, tunnelOf } from "./named-sandbox.ts";

cleanUpAfterEach();

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "shunt-galvanometer-"));
  makeSelfSigned(folder, "DNS:secure-a.internal");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function secureServer(): Promise<number> {
  const key = readFileSync(join(folder, "key.pem"));
  const server: Server = createServer(
    { key, cert: readFileSync(join(folder, "cert.pem")) },
    (request, response) => response.end(`secure ${request.url}`),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => void (server.close(), server.closeAllConnections()));
  return (server.address() as AddressInfo).port;
}

async function run(tls: Record<string, unknown>) {
  const names = new Map([["secure-a.internal:8443", await secureServer()]]);
  names.set("secure-a.internal:9443", names.get("secure-a.internal:8443") ?? 0);
  const { engine } = await runEngine(
    {
      version: 1,
      tunnels: [desk],
      backends: [
        {
          id: "secure-a",
          via: "desk",
          admin: "https://secure-a.internal:8443",
          websocket: "wss://secure-a.internal:9443",
          adminAccess: "read-only",
          tls,
        },
      ],
      pools: [],
      routes: [],
    },
    { openTcp: tunnelOf(names, []) },
  );
  return engine;
}

test("a browser that nobody fences gets http, so that Shunt sees each request, and Shunt verifies the certificate", async () => {
  const engine = await run({ caFile: join(folder, "cert.pem") });
  const opened = must(await engine.openGalvanometer("secure-a", { fenced: false }));
  expect(opened.address).toBe("http://secure-a.internal:8443/");
  expect((await ask(opened, "http://secure-a.internal:8443/amps")).body).toBe("secure /amps");
  expect((await ask(opened, "http://secure-a.internal:8443/amps/administrator/x")).status).toBe(403);
  expect((await connectThrough(opened, "secure-a.internal:8443")).status).toBe(403);
});

test("an authority that is not known is named, and nothing is sent", async () => {
  const engine = await run({});
  const opened = must(await engine.openGalvanometer("secure-a", { fenced: false }));
  const answer = await ask(opened, "http://secure-a.internal:8443/amps");
  expect(answer.status).toBe(502);
  expect(answer.head).toContain("X-Shunt-Error: TLS_UNKNOWN_CA");
});

test("a fenced window speaks TLS itself, end to end, and its requests are judged before they are sent", async () => {
  const engine = await run({ caFile: join(folder, "cert.pem") });
  const opened = must(await engine.openGalvanometer("secure-a", { fenced: true }));
  expect(opened.address).toBe("https://secure-a.internal:8443/");
  const { status, client } = await connectThrough(opened, "secure-a.internal:8443");
  expect(status).toBe(200);
  const ca = readFileSync(join(folder, "cert.pem"));
  const secured = connectTls({ socket: client.socket, ca, servername: "secure-a.internal" });
  cleanUp(() => void secured.destroy());
  await new Promise((resolve, reject) => secured.once("secureConnect", resolve).once("error", reject));
  secured.write("GET /through HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const chunks: Buffer[] = [];
  for await (const chunk of secured) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toContain("secure /through");
  const asked = { scheme: "https" as const, method: "GET", authority: "secure-a.internal:8443" };
  const judged = (target: string) => engine.judgeGalvanometer(opened.id, { ...asked, target });
  expect(await judged("/amps/host")).toMatchObject({ ok: true });
  expect(await judged("/amps/administrator/x")).toMatchObject({ ok: false, failure: { code: "READ_ONLY" } });
});

test("a page on http that opens a websocket to a TLS transport gets Shunt's TLS", async () => {
  const engine = await run({ caFile: join(folder, "cert.pem") });
  const opened = must(await engine.openGalvanometer("secure-a", { fenced: false }));
  const { status, client } = await connectThrough(opened, "secure-a.internal:9443");
  expect(status).toBe(200);
  client.socket.write("GET /amps/json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  expect((await client.whole()).toString()).toContain("secure /amps/json");
});

const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === "IPv4" && !one.internal)?.address;

test.skipIf(outside === undefined)(
  "a name from statistics that resolves to this machine is refused where the instance is elsewhere",
  async () => {
    const secret = createHttpServer((_request, response) => response.end("LOCAL-SECRET"));
    await new Promise<void>((resolve) => secret.listen(0, "127.0.0.1", resolve));
    const admin = createHttpServer((_request, response) =>
      response
        .setHeader("Content-Type", "application/json")
        .end('[{"destination_name":"b","destination_admin_addr":"rebound.example:8085"}]'),
    );
    await new Promise<void>((resolve) => admin.listen(0, outside, resolve));
    for (const server of [secret, admin]) cleanUp(() => void (server.close(), server.closeAllConnections()));
    const portOf = (server: typeof admin) => (server.address() as AddressInfo).port;
    const { engine } = await runEngine(
      {
        version: 1,
        tunnels: [],
        backends: [{ id: "a", admin: "http://a.example:8085" }],
        pools: [],
        routes: [],
      },
      {
        openTcp: ({ host }, _via, options) =>
          host === "rebound.example"
            ? openSocket({ host: "127.0.0.1", port: portOf(secret) }, options ?? {})
            : openSocket({ host: outside ?? "", port: portOf(admin) }, options ?? {}),
      },
    );
    const opened = must(await engine.openGalvanometer("a", { fenced: false }));
    expect((await ask(opened, "http://a.example:8085/amps")).status).toBe(200);
    const answer = await ask(opened, "http://rebound.example:8085/");
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("resolves to this machine");
  },
);
