/** Whatever goes wrong in TLS to a backend is told apart from everything else (reliability F19), mutual TLS included. */
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import type { BackendTls } from "../../app/contract/config.ts";
import { createDial } from "../../app/forward/dial.ts";
import { openSocket } from "../../app/forward/open-tcp.ts";
import { certificatesForFile } from "../support/certificates.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { connectTcp, frame } from "../support/tcp-client.ts";

cleanUpAfterEach();

const files = certificatesForFile(({ make }) => {
  make("good", "IP:127.0.0.1");
  make("other", "DNS:amps-1.internal");
  make("expired", "IP:127.0.0.1", -1);
  make("client", "DNS:desk");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const locked = {
    format: "pem",
    type: "pkcs8",
    cipher: "aes-256-cbc",
    passphrase: secretOf("passphrase"),
  } as const;
  writeFileSync(files.at("locked.key"), privateKey.export(locked));
});
const trusting = (): BackendTls => ({ caFile: files.at("ca.pem") });

async function listen(server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => open.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const secure =
  (name: string, more: () => TlsOptions = () => ({})) =>
  () => {
    const options = { cert: files.read(`${name}.pem`), key: files.read(`${name}.key`), ...more() };
    const server = createTlsServer(options, (socket) => {
      socket.on("error", () => undefined);
      socket.pipe(socket);
    });
    return listen(server.on("tlsClientError", () => undefined));
  };
const plain = (answer: (socket: Socket) => void) => () => listen(createTcpServer(answer));
const mutual = (more: TlsOptions = {}) => ({
  ca: files.read("ca.pem"),
  requestCert: true,
  rejectUnauthorized: true,
  ...more,
});

const failures: readonly (readonly [string, () => Promise<number>, () => BackendTls, string, RegExp])[] = [
  ["an expired certificate", secure("expired"), trusting, "TLS_EXPIRED", /has expired/],
  ["a wrong name", secure("other"), trusting, "TLS_NAME_MISMATCH", /not for the name 127\.0\.0\.1/],
  ["an unknown authority", secure("good"), () => ({}), "TLS_UNKNOWN_CA", /authority that is not known/],
  [
    "no version in common",
    secure("good", () => ({ maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" })),
    trusting,
    "TLS_FAILED",
    /no TLS version in common/,
  ],
  [
    "plain text",
    plain((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    trusting,
    "TLS_FAILED",
    /does not speak TLS/,
  ],
  [
    "a reset in the handshake",
    plain((socket) => socket.once("data", () => socket.resetAndDestroy())),
    trusting,
    "TLS_FAILED",
    /broke the connection off in the TLS handshake/,
  ],
  [
    "a handshake that stalls",
    plain(() => undefined),
    trusting,
    "TLS_FAILED",
    /did not finish the TLS handshake/,
  ],
  [
    "a client certificate that is missing",
    secure("good", () => mutual({ maxVersion: "TLSv1.2" })),
    trusting,
    "TLS_CLIENT_REFUSED",
    /did not accept Shunt as a TLS client/,
  ],
  [
    "a client key that is not there",
    secure("good"),
    () => ({ ...trusting(), clientCertFile: files.at("client.pem"), clientKeyFile: files.at("none.key") }),
    "TLS_FILE_UNREADABLE",
    /none\.key could not be read/,
  ],
  [
    "a client key that only a passphrase opens",
    secure("good"),
    () => ({ ...trusting(), clientCertFile: files.at("good.pem"), clientKeyFile: files.at("locked.key") }),
    "TLS_FILE_UNREADABLE",
    /locked\.key is protected by a passphrase/,
  ],
];

describe("each is named, in words of its own:", () => {
  const said = new Map<string, string>();
  test.each(failures)("%s", async (what, start, tls, code, message) => {
    const backend = { id: "b", amps: `tcps://127.0.0.1:${await start()}`, tls: tls() };
    const dial = createDial((address, _via, options = {}) => openSocket(address, options));
    const reply = await dial(backend, "amps", { timeoutMs: what.includes("stalls") ? 500 : 10_000 });
    expect(reply.ok ? null : reply.failure).toMatchObject({ code, message: expect.stringMatching(message) });
    const words = reply.ok ? "" : `${reply.failure.message} ${reply.failure.advice}`.replace(/:\d+/g, "");
    expect([...said.values()]).not.toContain(words);
    said.set(what, words);
  });
});

async function through(start: () => Promise<number>, tls: BackendTls) {
  const port = await freePort();
  const running = await runEngine({
    version: 1,
    backends: [{ id: "b", amps: `tcps://127.0.0.1:${await start()}`, tls }],
    routes: [{ id: "r", listen: port, transport: "amps", target: "b" }],
  });
  return { ...running, client: await connectTcp(port) };
}

test.each(["TLSv1.2", "TLSv1.3"] as const)("mutual TLS with Shunt's own certificate, %s", async (version) => {
  const tls = {
    ...trusting(),
    clientCertFile: files.at("client.pem"),
    clientKeyFile: files.at("client.key"),
  };
  const only = { minVersion: version, maxVersion: version };
  const { client } = await through(
    secure("good", () => mutual(only)),
    tls,
  );
  const bytes = frame("{hello}");
  client.socket.write(bytes);
  expect((await client.received(bytes.length)).equals(bytes)).toBe(true);
});

test("TLS 1.3 refuses a client after its handshake: the connection is reset, and the reason told", async () => {
  const { client, activity } = await through(
    secure("good", () => mutual()),
    trusting(),
  );
  client.socket.write(frame("{hello}"));
  expect(await client.ended).toBe("ECONNRESET");
  const codes = (await activity()).map(({ code }) => code);
  expect(codes).toContain("TLS_CLIENT_REFUSED");
});
