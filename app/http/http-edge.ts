/**
 * The HTTP side of a listener: path routes by prefix and Host name, or one admin port route.
 *
 *     first bytes → a whole, plain head (plain-entry.ts), or Node's parser
 *     request → head judged (one reading only, own names) → route matched (judge-request.ts)
 *             ├ Upgrade: websocket      → websocket endpoint ┐
 *             ├ Upgrade: anything else  → amps endpoint      ┴ raw splice (upgrade-forward.ts)
 *             └ no Upgrade              → admin endpoint       (plain-client.ts; admin-forward.ts behind Node's parser)
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { isLoopback } from "../config/address.ts";
import { errorCode, failure } from "../failures.ts";
import { refuseClient, type Forwarding } from "../forward/forwarding.ts";
import { forwardAdmin } from "./admin-forward.ts";
import type { AdminLegs } from "./admin-leg.ts";
import { answerFailure, rawFailure, sayLast } from "./answers.ts";
import { lookFirst } from "./first-look.ts";
import { isBarePrefix, judgeRequest } from "./judge-request.ts";
import type { ListenerNames } from "./origin-guard.ts";
import { createPathTable, type PathEntry, type PathTable } from "./path-table.ts";
import type { MatchedRequest, RequestFacts } from "./matched-request.ts";
import { createPlainEntry } from "./plain-entry.ts";
import { headTimeoutMs, longestHeadBytes } from "./request-head.ts";
import { forwardUpgrade } from "./upgrade-forward.ts";

interface HttpEdge {
  readonly server: Server;
  /** Replaces the routes for requests that come from now on. */
  update(routes: readonly RouteConfig[], names: ListenerNames): void;
  /** Takes a client that was let in elsewhere: `bytes` is what it has said so far; null: nothing, for a while. */
  enter(client: Socket, bytes: Buffer | null): void;
  /** What a client says first, for those who carry upgrades without a socket. */
  readonly judge: (request: RequestFacts) => MatchedRequest | Failure;
  /** Accepts no more, and ends connections on which no request is being answered; `served`: not those that are to send their first. */
  close(served: boolean): void;
}

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const serverOptions: ServerOptions = {
  maxHeaderSize: longestHeadBytes,
  headersTimeout: headTimeoutMs,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
};

function entryOf(route: RouteConfig): PathEntry<RouteConfig> {
  return { prefix: route.path ?? "/", host: route.host ?? null, route };
}

export function createHttpEdge(forwarding: Forwarding, tls: TlsFiles | null): HttpEdge {
  let table: PathTable<RouteConfig> = createPathTable<RouteConfig>([]);
  let names: ListenerNames | null = null;
  const legs: AdminLegs = new WeakMap();

  const judge = <R extends RequestFacts>(request: R): MatchedRequest<R> | Failure => {
    if (!names) return failure("UNKNOWN_PATH", "The listener has no routes.");
    const entry = judgeRequest(request, table, names);
    if ("code" in entry) return entry;
    return { request, target: request.url ?? "", entry, names, forwarding };
  };
  /** Refusals that no route owns are counted for the first route, so that they are seen. */
  const refuse = (reason: Failure): void => {
    const [first] = table.entries;
    if (first) refuseClient(forwarding, first.route.id, reason);
  };
  const knownPrefixes = (request: IncomingMessage, reason: Failure): readonly string[] => {
    if (reason.code !== "UNKNOWN_PATH" || !isLoopback(request.socket.remoteAddress ?? "")) return [];
    return table.entries
      .filter((entry) => entry.host === null)
      .map((entry) => (entry.prefix === "/" ? "/" : `${entry.prefix}/`));
  };

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    response.on("error", () => undefined);
    const matched = judge(request);
    if ("code" in matched) {
      refuse(matched);
      answerFailure(response, matched, knownPrefixes(request, matched));
    } else if (isBarePrefix(matched)) {
      const { prefix } = matched.entry;
      const location = `${prefix}/${matched.target.slice(prefix.length)}`;
      response.writeHead(308, { Location: location, "Content-Length": 0 }).end();
    } else void forwardAdmin(matched, response, legs);
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Node removes its own error handler from an upgraded socket: without this one a reset ends the process.
    socket.on("error", () => undefined);
    const matched = judge(request);
    if ("code" in matched) {
      refuse(matched);
      return sayLast(socket, rawFailure(matched));
    }
    void forwardUpgrade(matched, socket as Socket, head);
  };
  const server = tls
    ? createHttpsServer({ ...serverOptions, ...tls }, onRequest)
    : createHttpServer(serverOptions, onRequest);
  server.maxHeadersCount = 0;
  // Node ends its side with the client's, answer or not. An end behind a request says that no other one comes; the property
  // is in no list of Node's documentation, and where it should go one day the promise is lost, nothing else.
  Object.assign(server, { httpAllowHalfOpen: true });
  const plain = createPlainEntry({ judge, legs, leave: (client, bytes) => firstLook.leave(client, bytes) });
  const firstLook = lookFirst(server, tls ? "secureConnection" : "connection", plain.take);
  server.on("upgrade", onUpgrade);
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => undefined);
    sayLast(socket, rawFailure(failure("BAD_REQUEST", "CONNECT is not spoken here.")));
  });
  server.on("clientError", (error: Error, socket: Duplex) => onClientError(error, socket, refuse));
  return {
    server,
    judge,
    enter: (client, bytes) => firstLook.enter(client, bytes),
    update(routes, next) {
      names = next;
      table = createPathTable(routes.map(entryOf));
    },
    close(served) {
      server.close();
      server.closeIdleConnections();
      plain.closeIdle();
      firstLook.closeSilent(served ? headTimeoutMs : 0);
    },
  };
}

function onClientError(error: Error, socket: Duplex, refuse: (reason: Failure) => void): void {
  const code = errorCode(error);
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const reason =
    code === "HPE_HEADER_OVERFLOW"
      ? failure("REQUEST_TOO_LARGE", "The request's head is larger than 16 KB.")
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? failure("REQUEST_TIMEOUT", "A request was not finished in time.")
        : failure("BAD_REQUEST", `What arrived is no HTTP/1.1 request (${code ?? "unreadable"}).`);
  refuse(reason);
  socket.end(rawFailure(reason), () => socket.destroy());
}
