/** TLS that goes through untouched: the backend sees the client's own certificate, and every byte arrives. */
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { connect as connectTls, createServer, type TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import type { ClientAddress } from "../../app/contract/commands.ts";
import { runService } from "../service/running-service.ts";
import { available } from "../support/available.ts";
import { certificatesForFile } from "../support/certificates.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { makeSshHome, startSshServer } from "../support/ssh-server.ts";
import { connectTcp, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const files = certificatesForFile(({ make }) => {
  make("server", "DNS:amps-1.internal");
  make("client", "DNS:desk");
  make("probe", "DNS:shunt");
});

/** Wants a client certificate; says whose it was, then sends back what comes. */
async function mutualBackend() {
  const server = createServer(
    {
      cert: files.read("server.pem"),
      key: files.read("server.key"),
      ca: files.read("ca.pem"),
      requestCert: true,
      rejectUnauthorized: true,
      allowHalfOpen: true,
    },
    (socket) => {
      socket.on("error", () => undefined);
      socket.write(`${String(socket.getPeerCertificate().subject?.CN)}\n`);
      const chunks: Buffer[] = [];
      socket.on("data", (chunk) => chunks.push(chunk));
      socket.on("end", () => socket.end(Buffer.concat(chunks)));
    },
  );
  server.on("tlsClientError", () => undefined);
  const open = new Set<Socket>();
  server.on("connection", (raw: Socket) => open.add(raw));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    for (const raw of open) raw.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What Shunt probes the backend with; the route's clients have their own. */
const probing = () => ({
  caFile: files.at("ca.pem"),
  serverName: "amps-1.internal",
  clientCertFile: files.at("probe.pem"),
  clientKeyFile: files.at("probe.key"),
});

function dialMutual(port: number): Promise<TLSSocket> {
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    servername: "amps-1.internal",
    ca: files.read("ca.pem"),
    cert: files.read("client.pem"),
    key: files.read("client.key"),
  });
  cleanUp(() => void socket.destroy());
  return new Promise((resolve, reject) =>
    socket.once("secureConnect", () => resolve(socket)).once("error", reject),
  );
}

function whole(socket: TLSSocket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) =>
    socket.once("end", () => resolve(Buffer.concat(chunks))).once("error", reject),
  );
}

const schemes = { amps: "tcps", websocket: "wss", admin: "https", replication: "tcps" } as const;

test.each(Object.entries(schemes))(
  "on a route for %s the client's certificate survives, whole and half-closed",
  async (transport, scheme) => {
    const backend = await mutualBackend();
    const port = await freePort();
    const { route, snapshot } = await runEngine({
      version: 1,
      backends: [{ id: "b", [transport]: `${scheme}://127.0.0.1:${backend}`, tls: probing() }],
      routes: [{ id: "r", listen: port, transport, target: "b", tlsPassthrough: true }],
    });
    expect((await snapshot()).backends[0]?.health).toBe(transport === "admin" ? "down" : "up");
    const socket = await dialMutual(port);
    const bytes = patternBytes(1_000_000);
    const received = whole(socket);
    socket.end(bytes);
    expect((await received).equals(Buffer.concat([Buffer.from("client\n"), bytes]))).toBe(true);
    expect((await route("r")).connections.total).toBe(1);
  },
);

test.skipIf(!available.sshd)("through an SSH tunnel, as openssl sees it", async () => {
  const home = makeSshHome();
  const server = await startSshServer({ home });
  appendFileSync(home.knownHosts, server.knownHosts());
  const backend = await mutualBackend();
  const port = await freePort();
  await runEngine(
    {
      version: 1,
      tunnels: [{ id: "bastion", type: "ssh", address: `127.0.0.1:${server.port}`, user: server.user }],
      backends: [{ id: "b", via: "bastion", amps: `tcps://127.0.0.1:${backend}`, tls: probing() }],
      routes: [{ id: "r", listen: port, transport: "amps", target: "b", tlsPassthrough: true }],
    },
    {
      tunnels: {
        secrets: async () => null,
        ssh: { home: home.folder, configFile: home.configFile, globalKnownHosts: "/dev/null", agent: null },
      },
    },
  );
  const names = [
    "-verify_return_error",
    "-verify_hostname",
    "amps-1.internal",
    "-servername",
    "amps-1.internal",
  ];
  const own = [
    "-CAfile",
    files.at("ca.pem"),
    "-cert",
    files.at("client.pem"),
    "-key",
    files.at("client.key"),
  ];
  const openssl = spawn("openssl", ["s_client", "-quiet", "-connect", `127.0.0.1:${port}`, ...names, ...own]);
  cleanUp(() => void openssl.kill("SIGKILL"));
  let said = "";
  const answered = new Promise<void>((resolve, reject) => {
    openssl.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("\n")) resolve();
    });
    openssl.on("close", (code) => reject(new Error(`openssl ended with ${code}: ${said}`)));
  });
  await answered;
  expect(said).toBe("client\n");
});

test("a backend that no longer listens resets the client; one that has another certificate is the client's to judge", async () => {
  const backend = await mutualBackend();
  const [port, other] = [await freePort(), await freePort()];
  const { activity } = await runEngine({
    version: 1,
    backends: [
      { id: "b", amps: `tcps://127.0.0.1:${backend}` },
      { id: "gone", amps: `tcps://127.0.0.1:${await freePort()}` },
    ],
    routes: [
      { id: "r", listen: port, transport: "amps", target: "b", tlsPassthrough: true },
      { id: "s", listen: other, transport: "amps", target: "gone", tlsPassthrough: true },
    ],
  });
  expect(await (await connectTcp(other)).ended).toBe("ECONNRESET");
  expect((await activity()).find(({ event }) => event === "connection-refused")?.code).toBe(
    "CONNECT_REFUSED",
  );
  // Shunt itself does not trust this certificate; the client, which has its authority, does.
  const socket = await dialMutual(port);
  const received = whole(socket);
  socket.end("x");
  expect((await received).toString()).toBe("client\nx");
});

test("clients are told an address with TLS, and which name the certificate has", async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  const { ask } = await runService({
    version: 1,
    tunnels: [],
    backends: [{ id: "b", amps: "tcps://10.0.0.1:9007", tls: { serverName: "amps-1.internal" } }],
    pools: [],
    routes: [
      { id: "r", listen, transport: "amps", target: "b", tlsPassthrough: true },
      {
        id: "s",
        listen,
        transport: "amps",
        target: "b",
        tlsPassthrough: true,
        serverNames: ["*.ny.example.com", "amps-ny.example.com"],
      },
    ],
  });
  const [first] = await ask<readonly ClientAddress[]>("route.addresses", { id: "r" });
  expect(first).toMatchObject({
    value: `tcps://${listen}/amps/json`,
    note: expect.stringMatching(/certificate, for amps-1\.internal/),
  });
  const [named] = await ask<readonly ClientAddress[]>("route.addresses", { id: "s" });
  expect(named).toMatchObject({
    value: `tcps://amps-ny.example.com:${listen.split(":")[1]}/amps/json`,
    note: expect.stringMatching(
      /ask for \*\.ny\.example\.com or amps-ny\.example\.com \(SNI\): make the name lead to 127\.0\.0\.1\. .*certificate, for amps-1/,
    ),
  });
});
