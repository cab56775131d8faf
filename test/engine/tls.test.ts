/** TLS on either side: verified by default, every failure named, half-close kept. */
import { readFileSync, writeFileSync } from "node:fs";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import type { AddressInfo, Socket } from "node:net";
import { expect, test } from "vitest";
import { certificatesForFile } from "../support/certificates.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpBackend } from "../support/tcp-backend.ts";
import { connectTcp, frame, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const { at } = certificatesForFile(({ make }) => {
  make("good", "IP:127.0.0.1,DNS:localhost");
  make("other", "DNS:amps-prod-1.internal");
  make("expired", "IP:127.0.0.1", -1);
});

async function secureBackend(certificate: string) {
  const server = createTlsServer(
    {
      cert: readFileSync(at(`${certificate}.pem`)),
      key: readFileSync(at(`${certificate}.key`)),
      allowHalfOpen: true,
    },
    (socket) => {
      socket.on("error", () => undefined);
      const chunks: Buffer[] = [];
      socket.on("data", (chunk) => chunks.push(chunk));
      socket.on("end", () => socket.end(Buffer.concat(chunks)));
    },
  );
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const open = new Set<Socket>();
  server.on("connection", (raw: Socket) => open.add(raw));
  cleanUp(() => {
    for (const raw of open) raw.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function setUp(certificate: string, tls: object | undefined, route: object = {}) {
  const backendPort = await secureBackend(certificate);
  const port = await freePort();
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", amps: `tcps://127.0.0.1:${backendPort}`, ...(tls && { tls }) }],
    routes: [{ id: "r", listen: port, transport: "amps", target: "b", ...route }],
  });
  return { ...running, port };
}

test.each([
  ["its own CA", "good", () => ({ caFile: at("ca.pem") })],
  ["a server name", "other", () => ({ caFile: at("ca.pem"), serverName: "amps-prod-1.internal" })],
  ["verification switched off", "other", () => ({ verify: false })],
])("a plain client reaches a TLS backend with %s, whole and half-closed", async (_name, certificate, tls) => {
  const { port } = await setUp(certificate, tls());
  const client = await connectTcp(port);
  const bytes = Buffer.concat([frame("{}"), patternBytes(2_000_000)]);
  client.socket.end(bytes);
  expect((await client.whole()).equals(bytes)).toBe(true);
  expect(await client.ended).toBe("end");
});

test.each([
  ["an unknown CA", "good", () => undefined, "TLS_UNKNOWN_CA"],
  ["a wrong name", "other", () => ({ caFile: at("ca.pem") }), "TLS_NAME_MISMATCH"],
  ["an expired certificate", "expired", () => ({ caFile: at("ca.pem") }), "TLS_EXPIRED"],
  ["a CA file that is not there", "good", () => ({ caFile: at("no.pem") }), "TLS_FILE_UNREADABLE"],
])("%s is refused with its own code, and the client is reset", async (_name, certificate, tls, code) => {
  const { port, activity, snapshot } = await setUp(certificate, tls());
  const client = await connectTcp(port);
  expect(await client.ended).toBe("ECONNRESET");
  expect(
    (await activity()).filter((entry) => entry.event === "connection-refused").map((entry) => entry.code),
  ).toEqual([code]);
  expect((await snapshot()).backends[0]?.health).toBe("down");
});

test("a TLS endpoint that does not speak TLS is named", async () => {
  const plain = await startTcpBackend({ onConnection: (socket) => socket.end("plain text\r\n") });
  cleanUp(() => plain.close());
  const port = await freePort();
  const { activity } = await runEngine({
    version: 1,
    backends: [{ id: "b", amps: `tcps://127.0.0.1:${plain.port}` }],
    routes: [{ id: "r", listen: port, transport: "amps", target: "b" }],
  });
  const client = await connectTcp(port);
  expect(await client.ended).toBe("ECONNRESET");
  expect((await activity()).find((entry) => entry.event === "connection-refused")?.code).toBe("TLS_FAILED");
});

test("a listener speaks TLS with the route's certificate", async () => {
  const { port } = await setUp(
    "good",
    { caFile: at("ca.pem") },
    { tls: { certFile: at("good.pem"), keyFile: at("good.key") } },
  );
  const client = connectTls({ port, host: "127.0.0.1", ca: readFileSync(at("ca.pem")) });
  cleanUp(() => void client.destroy());
  const chunks: Buffer[] = [];
  client.on("data", (chunk) => chunks.push(chunk));
  client.end(frame("{hello}"));
  await new Promise((resolve, reject) => client.once("end", resolve).once("error", reject));
  expect(Buffer.concat(chunks)).toEqual(frame("{hello}"));
});

test.each([
  ["is not there", "no.pem", "good.key", "no.pem could not be read"],
  ["only a passphrase opens", "good.pem", "locked.key", "locked.key is protected by a passphrase"],
])("a listener with a file that %s fails with the reason", async (_what, cert, key, message) => {
  const tls = { certFile: at(cert), keyFile: at(key) };
  writeFileSync(at("locked.key"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
  const { route } = await setUp("good", { caFile: at("ca.pem") }, { tls });
  const why = { code: "LISTENER_TLS_FAILED", message: expect.stringContaining(message) };
  expect(await route("r")).toMatchObject({ state: "failed", failure: why });
});
