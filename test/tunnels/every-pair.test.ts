/** Streams arrive whole through every way to a backend, with and without TLS, on every kind of route (reliability I1, F3). */
import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, test } from "vitest";
import type { TunnelOptions } from "../../app/tunnels/tunnel-set.ts";
import { available, programs } from "../support/available.ts";
import { certificatesForFile } from "../support/certificates.ts";
import { startChildServer } from "../support/child-server.ts";
import { cleanUp, cleanUpAfterEach, runEngine } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { makeSshHome, startSshServer } from "../support/ssh-server.ts";
import { plainSecretOf, secretOf } from "../support/suite-secrets.ts";
import { connectTcp, frame, patternBytes } from "../support/tcp-client.ts";

cleanUpAfterEach();

const files = certificatesForFile(({ make }) => make("server", "DNS:localhost"));
const upgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
const mask = 0x5a;

/** Sends every byte back changed, so that one stream shows both ways; behind a head where `speaksHttp`. */
function serve(socket: Socket, speaksHttp: boolean): void {
  let head: Buffer | null = speaksHttp ? Buffer.alloc(0) : null;
  const back = (chunk: Buffer): void => {
    if (chunk.length > 0 && !socket.write(chunk.map((byte) => byte ^ mask))) socket.pause();
  };
  socket.on("error", () => undefined);
  socket.on("drain", () => socket.resume());
  socket.on("end", () => socket.end());
  socket.on("data", (chunk: Buffer) => {
    if (!head) return back(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    socket.write(upgraded);
    const rest = head.subarray(end + 4);
    head = null;
    back(rest);
  });
}

async function startBackend(secure: boolean, speaksHttp: boolean): Promise<number> {
  const open = new Set<Socket>();
  const begin = (socket: Socket) => serve(socket, speaksHttp);
  const tls = () => ({ cert: files.read("server.pem"), key: files.read("server.key") });
  const server: Server = secure
    ? createTlsServer({ ...tls(), allowHalfOpen: true }, begin).on("tlsClientError", () => undefined)
    : createTcpServer({ allowHalfOpen: true }, begin);
  server.on("connection", (socket: Socket) => open.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Way {
  readonly tunnel: object | null;
  readonly options: TunnelOptions;
  /** microsocks and tinyproxy end both directions as soon as one has ended. */
  readonly endsBoth?: true;
}

async function throughSsh(jumps: boolean): Promise<Way> {
  const home = makeSshHome();
  const [far, gate] = await Promise.all([startSshServer({ home }), jumps ? startSshServer({ home }) : null]);
  appendFileSync(home.knownHosts, far.knownHosts() + (gate?.knownHosts() ?? ""));
  const host = (alias: string, port: number) =>
    `Host ${alias}\n  HostName 127.0.0.1\n  Port ${port}\n  User ${far.user}\n`;
  const jump = gate ? `  ProxyJump gate\n${host("gate", gate.port)}` : "";
  writeFileSync(home.configFile, `${host("far", far.port)}${jump}`);
  const ssh = { home: home.folder, configFile: home.configFile, globalKnownHosts: "/dev/null", agent: null };
  return { tunnel: { type: "ssh", address: "far" }, options: { secrets: async () => null, ssh } };
}

async function throughMicrosocks(): Promise<Way> {
  const port = await freePort();
  const logOn = ["-u", "ops", "-P", secretOf("SOCKS password")];
  await startChildServer(programs.microsocks ?? "", ["-i", "127.0.0.1", "-p", String(port), ...logOn], port);
  const tunnel = { type: "socks5", address: `127.0.0.1:${port}`, user: "ops" };
  return { tunnel, options: { secrets: async () => secretOf("SOCKS password") }, endsBoth: true };
}

async function throughTinyproxy(): Promise<Way> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "shunt-pairs-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  const lines = [
    `Port ${port}`,
    "Listen 127.0.0.1",
    "MaxClients 50",
    "LogLevel Critical",
    `BasicAuth ops ${plainSecretOf("CONNECT password")}`,
  ];
  writeFileSync(join(folder, "conf"), `${lines.join("\n")}\n`);
  await startChildServer(programs.tinyproxy ?? "", ["-d", "-c", join(folder, "conf")], port);
  const tunnel = { type: "http-connect", address: `127.0.0.1:${port}`, user: "ops" };
  return { tunnel, options: { secrets: async () => plainSecretOf("CONNECT password") }, endsBoth: true };
}

const ways = [
  { way: "directly", start: async (): Promise<Way> => ({ tunnel: null, options: {} }), there: true },
  { way: "over SSH", start: () => throughSsh(false), there: available.sshd },
  { way: "over SSH through a jump host", start: () => throughSsh(true), there: available.sshd },
  { way: "over SOCKS5", start: throughMicrosocks, there: available.microsocks },
  { way: "over HTTP CONNECT", start: throughTinyproxy, there: available.tinyproxy },
] as const;

const websocketHead = (port: number) =>
  `GET /amps/json HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
const preflightHead = (port: number) =>
  `GET /x/amps/json HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;

const routes = [
  { name: "replication", route: { transport: "replication" }, head: () => "", first: Buffer.alloc(0) },
  { name: "amps", route: { transport: "amps" }, head: () => "", first: frame("{}") },
  { name: "preflight", route: { path: "/x" }, head: preflightHead, first: frame("{}") },
  { name: "websocket", route: { transport: "websocket" }, head: websocketHead, first: Buffer.alloc(0) },
] as const;

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** In pieces of 1 byte to 64 KB, with pauses. */
async function writeInPieces(socket: Socket, bytes: Buffer, seed: number): Promise<void> {
  let state = seed;
  for (let at = 0; at < bytes.length;) {
    state = (state * 48_271) % 2_147_483_647;
    const size = 1 + (state % (state % 3 === 0 ? 64 : 65_536));
    if (!socket.write(bytes.subarray(at, at + size))) await new Promise((go) => socket.once("drain", go));
    else if (state % 7 === 0) await new Promise((go) => setTimeout(go, 1));
    at += size;
  }
}

const patience = { timeout: 60_000 };

describe.each(ways)("$way", ({ start, there }) => {
  test.skipIf(!there)("with and without TLS, on every kind of route", patience, async () => {
    const { tunnel, options, endsBoth }: Way = await start();
    const via = tunnel ? { via: "t" } : {};
    const ports = new Map<string, number>();
    for (const secure of [false, true])
      for (const { name } of routes) ports.set(`${secure} ${name}`, await freePort());
    const backend = async (secure: boolean) => {
      const [raw, http] = [await startBackend(secure, false), await startBackend(secure, true)];
      const scheme = (plain: string) => `${plain}${secure ? "s" : ""}`;
      return {
        id: secure ? "tls" : "tcp",
        ...via,
        amps: `${scheme("tcp")}://localhost:${raw}`,
        replication: `${scheme("tcp")}://localhost:${raw}`,
        websocket: `${scheme("ws")}://localhost:${http}`,
        ...(secure && { tls: { caFile: files.at("ca.pem") } }),
      };
    };
    await runEngine(
      {
        version: 1,
        tunnels: tunnel ? [{ id: "t", ...tunnel }] : [],
        backends: [await backend(false), await backend(true)],
        routes: [false, true].flatMap((secure) =>
          routes.map(({ name, route }) => ({
            id: `${secure ? "tls" : "tcp"}-${name}`,
            listen: ports.get(`${secure} ${name}`) ?? 0,
            target: secure ? "tls" : "tcp",
            ...route,
          })),
        ),
      },
      { tunnels: options },
    );
    const outcomes = await Promise.all(
      [false, true].flatMap((secure) =>
        routes.map(async ({ name, head, first }, index) => {
          const port = ports.get(`${secure} ${name}`) ?? 0;
          const client = await connectTcp(port);
          const opening = head(port);
          if (opening !== "") {
            client.socket.write(opening);
            await client.receivedText("\r\n\r\n");
          }
          const before = client.bytes().length;
          const bytes = Buffer.concat([first, patternBytes(400_000, index + (secure ? 10 : 1))]);
          await writeInPieces(client.socket, bytes, index + 1);
          if (endsBoth) await client.received(before + bytes.length);
          client.socket.end();
          const received = (await client.whole()).subarray(before);
          const wanted = sha256(bytes.map((byte) => byte ^ mask));
          return `${name} ${secure ? "tls" : "tcp"} ${await client.ended} ${sha256(received) === wanted ? "whole" : `differs, ${received.length}`}`;
        }),
      ),
    );
    expect(outcomes).toEqual(
      ["tcp", "tls"].flatMap((kind) => routes.map(({ name }) => `${name} ${kind} end whole`)),
    );
  });
});
