/**
 * The private forward proxy of Galvanometer windows: loopback, a port that the system chooses, one credential per scope.
 *
 *     GET http://host:port/… ┐ credential → scope → judged by its address book ┬ request, on a pinned upstream
 *     CONNECT host:port      ┘                                                 └ tunnel, raw bytes
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { errorCode, failure } from "../failures.ts";
import { longestHeadBytes } from "../http/request-head.ts";
import { answerLogin, answerProxyFailure, rawLogin, rawProxyFailure } from "./proxy-answers.ts";
import { scopeOf } from "./proxy-credential.ts";
import { forwardProxied, type Legs } from "./proxy-request.ts";
import { openTunnel, type OpenTunnel } from "./proxy-tunnel.ts";
import type { Scope } from "./scope.ts";

interface ForwardProxy {
  /** Starts it where it does not run. */
  port(): Promise<number>;
  /** Cuts tunnels that the present configuration would open no more, or elsewhere. */
  review(): void;
  close(): Promise<void>;
}

const defaultAnswerTimeoutMs = 30_000;

/** `scopes`: by user name; looked up for every request. */
export function createForwardProxy(
  scopes: ReadonlyMap<string, Scope>,
  answerTimeoutMs = defaultAnswerTimeoutMs,
): ForwardProxy {
  const legs: Legs = new WeakMap();
  const tunnels = new Set<OpenTunnel>();
  let listening: Promise<number> | null = null;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    response.on("error", () => undefined);
    if (!(request.url ?? "").includes("://"))
      return answerProxyFailure(response, failure("BAD_REQUEST", "This is a forward proxy, not a web site."));
    const scope = scopeOf(request, scopes);
    if (!scope) return answerLogin(response);
    adopt(scope, request.socket);
    if (countHosts(request) > 1)
      return answerProxyFailure(response, failure("BAD_REQUEST", "The request has two Host headers."));
    void forwardProxied({ scope, request, response, legs, answerTimeoutMs });
  };
  const onConnect = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on("error", () => undefined);
    const scope = scopeOf(request, scopes);
    if (!scope) return void socket.end(rawLogin);
    adopt(scope, socket);
    void openTunnel({ scope, request, client: socket as Socket, head, tunnels });
  };
  const server = createServer({ maxHeaderSize: longestHeadBytes, noDelay: true, keepAliveTimeout: 65_000 });
  server.on("request", onRequest);
  server.on("connect", onConnect);
  server.on("upgrade", (_request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => undefined);
    socket.end(rawProxyFailure(failure("BAD_REQUEST", "Websockets go through CONNECT.")));
  });
  server.on("clientError", (error: Error, socket: Duplex) => {
    if (errorCode(error) === "ECONNRESET" || !socket.writable) return void socket.destroy();
    socket.end(rawProxyFailure(failure("BAD_REQUEST", "What arrived is no HTTP/1.1 request.")));
  });
  return {
    port: () => (listening ??= listen(server)),
    review() {
      for (const tunnel of tunnels) {
        const { scope, authority, place } = tunnel;
        const now = scope.judgeNow({ scheme: "connect", method: "CONNECT", authority, target: "/" });
        if (!now.ok || JSON.stringify(now.value) !== JSON.stringify(place)) tunnel.cut();
      }
    },
    async close() {
      if (!listening) return;
      await listening.catch(() => 0);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** The client's socket ends with its scope. */
function adopt(scope: Scope, socket: Duplex): void {
  if (scope.sockets.has(socket)) return;
  scope.sockets.add(socket);
  socket.once("close", () => scope.sockets.delete(socket));
}

function countHosts(request: IncomingMessage): number {
  return request.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === "host").length;
}
