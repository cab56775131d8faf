/** The headless carrier of the contract: HTTP for commands, a WebSocket for what is pushed, the UI's files beside them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { Reply } from "../contract/commands.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import type { SavedConfig } from "../contract/commands.ts";
import { formatHostPort, isWildcard, type HostPort } from "../config/address.ts";
import { accept, refuse } from "../failures.ts";
import { bindServers } from "../listen/bind.ts";
import type { Follower } from "../service/followers.ts";
import type { ShuntService } from "../service/service.ts";
import { createApiGuard, type ApiGuard } from "./api-guard.ts";
import { renderMetrics } from "./metrics.ts";
import { readJsonBody } from "./json-body.ts";
import type { UiFiles } from "./ui-files.ts";
import { uiHeaders } from "./ui-headers.ts";

/** How long a WebSocket may take to send its token. */
const helloTimeoutMs = 5_000;
/** A browser that falls this far behind is cut off; it then reconnects and fetches a snapshot. */
const mostBufferedBytes = 8 * 1024 * 1024;

interface ApiServerOptions {
  readonly service: ShuntService;
  /** Port 0: chosen by the system. */
  readonly address: HostPort;
  readonly token: string;
  readonly ui: UiFiles | null;
}

export interface ApiServer {
  readonly address: HostPort;
  /** `http://127.0.0.1:PORT`, as a browser on this machine opens it. */
  readonly url: string;
  close(): Promise<void>;
}

export async function startApiServer(options: ApiServerOptions): Promise<Reply<ApiServer>> {
  const bound = await bindServers(options.address, makeServer, { ownRoute: () => null });
  if (!bound.ok) return bound;
  const servers = bound.value.map(({ server }) => server);
  const address = { host: options.address.host, port: (servers[0]?.address() as AddressInfo).port };
  const guard = createApiGuard(address, options.token);
  const live = serveLive(servers, guard, options.service);
  for (const server of servers)
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      response.on("error", () => undefined);
      void answer(request, response, guard, options);
    });
  return accept({
    address,
    url: `http://${formatHostPort(reachable(address))}`,
    close: async () => {
      live.close();
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const server of servers) server.closeAllConnections();
      await Promise.all(closed);
    },
  });
}

function makeServer(): { readonly server: Server } {
  return {
    server: createServer({
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 1_000,
    }),
  };
}

/** An address that a browser opens without asking for a name: every interface is loopback from here. */
function reachable(address: HostPort): HostPort {
  const isNamed = isWildcard(address.host) || address.host === "localhost";
  return isNamed ? { ...address, host: address.host === "::" ? "::1" : "127.0.0.1" } : address;
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    ...uiHeaders,
    // What was not read of a refused body must not be taken for the next request.
    ...(!response.req.complete && { Connection: "close" }),
    "Cache-Control": "no-store",
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

function sendReply(response: ServerResponse, reply: Reply<unknown>): void {
  const status = reply.ok
    ? 200
    : ((
        {
          NOT_FOUND: 404,
          UNKNOWN_COMMAND: 404,
          CONFIG_CONFLICT: 409,
          BAD_ARGUMENT: 400,
          CONFIG_INVALID: 422,
          INTERNAL: 500,
        } as Partial<Record<string, number>>
      )[reply.failure.code] ?? 422);
  send(response, status, "application/json; charset=utf-8", JSON.stringify(reply));
}

/** A resource of the API gives its value plainly; only commands give replies. */
function sendValue(response: ServerResponse, reply: Reply<unknown>): void {
  if (reply.ok) send(response, 200, "application/json; charset=utf-8", JSON.stringify(reply.value));
  else sendReply(response, reply);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  guard: ApiGuard,
  options: ApiServerOptions,
): Promise<void> {
  const foreign = guard.foreign(request);
  if (foreign !== null) return send(response, 403, "text/plain; charset=utf-8", `${foreign}\n`);
  const path = (request.url ?? "/").replace(/\?.*$/, "");
  if (!path.startsWith("/api/") && path !== "/metrics") return answerUi(path, request, response, options.ui);
  if (!(await guard.isToken(guard.bearer(request)))) {
    return send(
      response,
      401,
      "text/plain; charset=utf-8",
      "Send the token as Authorization: Bearer …; serve prints it when it starts.\n",
    );
  }
  await answerApi(path, request, response, options.service);
}

async function answerUi(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  ui: UiFiles | null,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD")
    return send(response, 405, "text/plain; charset=utf-8", "Only GET here.\n");
  const file = (await ui?.read(path)) ?? null;
  if (!file)
    return send(
      response,
      404,
      "text/plain; charset=utf-8",
      ui ? "There is no such file.\n" : "The UI is off (--no-ui).\n",
    );
  response.writeHead(200, {
    ...uiHeaders,
    "Content-Type": file.contentType,
    "Content-Length": file.body.length,
  });
  response.end(request.method === "HEAD" ? undefined : file.body);
}

async function answerApi(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  service: ShuntService,
): Promise<void> {
  const call = `${request.method} ${path}`;
  if (call === "GET /api/snapshot") return sendValue(response, await service.handle("snapshot.get", null));
  if (call === "GET /metrics") {
    const reply = (await service.handle("snapshot.get", { connections: false })) as Reply<Snapshot>;
    return reply.ok
      ? send(response, 200, "text/plain; version=0.0.4; charset=utf-8", renderMetrics(reply.value))
      : sendReply(response, reply);
  }
  if (call === "GET /api/config") return sendValue(response, accept(service.current().config));
  const command = /^POST \/api\/commands\/([a-z.-]+)$/.exec(call)?.[1];
  if (command === undefined && call !== "PUT /api/config") {
    return sendReply(response, refuse("UNKNOWN_COMMAND", `${call.slice(0, 120)} is not part of the API.`));
  }
  const body = await readJsonBody(request);
  if (!body.ok) return sendReply(response, body);
  if (command !== undefined) return sendReply(response, await service.handle(command, body.value));
  const { revision } = service.current();
  const put = (await service.handle("config.put", { config: body.value, revision })) as Reply<SavedConfig>;
  return sendValue(response, put.ok ? accept(put.value.config) : put);
}

/**
 * The first message is the token, as JSON `{"token": …}`; from then on events flow until either side ends. Rows of connections
 * among them, unless that message, or a later one, says `"connections": false`: there may be thousands.
 */
function serveLive(servers: readonly Server[], guard: ApiGuard, service: ShuntService): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 4_096, perMessageDeflate: false });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on("error", () => undefined);
    if (guard.foreign(request) !== null || (request.url ?? "").replace(/\?.*$/, "") !== "/api/live") {
      const refusal = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      // Left half open by its client, it would keep the server from closing.
      socket.end(refusal, () => socket.destroy());
      return;
    }
    sockets.handleUpgrade(request, socket, head, (live) => greet(live, guard, service));
  };
  for (const server of servers) server.on("upgrade", onUpgrade);
  return {
    close() {
      for (const live of sockets.clients) live.terminate();
      sockets.close();
    },
  };
}

function greet(live: WebSocket, guard: ApiGuard, service: ShuntService): void {
  live.on("error", () => live.terminate());
  const late = setTimeout(() => live.close(4401, "No token"), helloTimeoutMs);
  live.on("close", () => clearTimeout(late));
  live.once("message", (data: Buffer) => {
    clearTimeout(late);
    void welcome(live, data.toString("utf8"), guard, service);
  });
}

async function welcome(
  live: WebSocket,
  hello: string,
  guard: ApiGuard,
  service: ShuntService,
): Promise<void> {
  const { token, connections = true } = saidIn(hello);
  if (!(await guard.isToken(typeof token === "string" ? token : undefined)))
    return live.close(4401, "Wrong token");
  if (live.readyState !== live.OPEN) return;
  const follower = service.follow();
  const stop = service.onEvent((event) => {
    if (live.bufferedAmount > mostBufferedBytes) live.terminate();
    else live.send(JSON.stringify(follower.heard(event)));
  });
  live.on("close", () => {
    stop();
    follower.stop();
  });
  live.on("message", (data: Buffer) => {
    const { connections: lists } = saidIn(data.toString("utf8"));
    if (typeof lists === "boolean") void list(live, follower, lists);
  });
  await follower.listConnections(connections !== false);
  live.send(JSON.stringify({ type: "hello" }));
}

async function list(live: WebSocket, follower: Follower, lists: boolean): Promise<void> {
  await follower.listConnections(lists);
  live.send(JSON.stringify({ type: "listing", connections: lists }));
}

/** What a client says on the live connection; of anything that is not such, nothing. */
function saidIn(text: string): { readonly token?: unknown; readonly connections?: unknown } {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? said : {};
  } catch {
    return {};
  }
}
