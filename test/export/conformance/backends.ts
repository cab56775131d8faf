/** The far ends of the conformance suite: what each does is the same for Shunt, NGINX and HAProxy. */
import { mkdtempSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { resetSocket } from "../../../app/forward/reset.ts";
import { runSandbox } from "../../sandbox/running-sandbox.ts";
import { makeSelfSigned } from "../../support/certificates.ts";
import { startEchoBackend } from "../../support/echo-backend.ts";
import { startHttpBackend } from "../../support/http-backend.ts";
import { cleanUp } from "../../support/running-engine.ts";
import { freePort } from "../../support/free-port.ts";
import { startTcpBackend, type TcpBackend } from "../../support/tcp-backend.ts";
import { patternBytes } from "../../support/tcp-client.ts";

const floodBytes = 24 * 1024 * 1024;

export type Backends = Awaited<ReturnType<typeof startBackends>>;

async function tcp(onConnection: (socket: Socket) => void, deaf = true): Promise<TcpBackend> {
  const backend = await startTcpBackend({ deaf, onConnection });
  cleanUp(() => backend.close());
  return backend;
}

/** Answers a preflight and sends everything behind it back; its own end follows the client's. */
function preflightEcho(socket: Socket): void {
  let head = "";
  const onHead = (chunk: Buffer): void => {
    head += chunk.toString("latin1");
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    socket.off("data", onHead);
    const token = /^upgrade: *(\S+)/im.exec(head)?.[1] ?? "none";
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${token}\r\n\r\n`);
    if (head.length > end + 4) socket.write(head.slice(end + 4), "latin1");
    socket.on("data", (more) => socket.write(more));
  };
  socket.on("data", onHead);
  socket.on("end", () => socket.end());
}

/** What the page of an admin endpoint does: tells what it saw, redirects, sets cookies. */
async function pages(name: string) {
  const backend = await startHttpBackend((request, response) => {
    const [path = ""] = request.target.replace(/^\/kept/, "").split("?");
    const own = `127.0.0.1:${backend.port}`;
    const locations: Record<string, string> = {
      "/to-own": `http://${own}/there?x=1`,
      "/to-path": "/there",
      "/to-relative": "there",
      "/to-other": "http://elsewhere.example.com/there",
    };
    const location = locations[path];
    if (location !== undefined) response.writeHead(302, { Location: location });
    if (path === "/cookie") response.setHeader("Set-Cookie", "amps=1; path=/; HttpOnly");
    const { method, target, headers, body } = request;
    response.end(JSON.stringify({ name, method, target, headers, length: body.length }));
  });
  cleanUp(() => backend.close());
  return backend;
}

async function secureEcho({ certFile, keyFile }: { certFile: string; keyFile: string }): Promise<number> {
  const server = createTlsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

export async function startBackends(folder: string) {
  const { a } = await runSandbox();
  const certificate = makeSelfSigned(folder, "DNS:backend.test,DNS:localhost");
  const flood = patternBytes(floodBytes);
  return {
    sandbox: a,
    certificate,
    flood,
    echo: await startEchoBackend(),
    /** Says its last first, and then goes on reading. */
    firstToEnd: await tcp((socket) => socket.end("done"), false),
    resetter: await tcp((socket) => {
      socket.on("data", () => resetSocket(socket));
    }),
    flooding: await tcp((socket) => {
      socket.once("data", () => socket.end(flood));
    }),
    preflight: await tcp(preflightEcho),
    web: await pages("web"),
    deep: await pages("deep"),
    one: await startEchoBackend("1"),
    two: await startEchoBackend("2"),
    secure: await secureEcho(certificate),
    elsewhere: await secureEcho(makeSelfSigned(mkdtempSync(join(folder, "elsewhere-")), "DNS:other.test")),
    gone: await freePort(),
  };
}
