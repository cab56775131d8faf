/** Forwards plain requests to the admin endpoint: one backend connection per client connection, never shared. */
import {
  Agent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import type { BackendConfig, RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { parseEndpoint } from "../config/address.ts";
import { errorCode, errorText, failure } from "../failures.ts";
import type { Connection } from "../forward/connection-registry.ts";
import { addressOf, refuseClient, type Forwarding, type Reached } from "../forward/forwarding.ts";
import { answerFailure } from "./answers.ts";
import { requestHeaders, responseHeaders } from "./forwarded-headers.ts";
import type { MatchedRequest } from "./http-edge.ts";
import { crossSiteProblem } from "./origin-guard.ts";
import { readsOnly } from "./read-only.ts";
import { pathOf, stripPrefix } from "./request-target.ts";

const answerTimeoutMs = 30_000;

/** Carries a dial's failure through Node's agent. */
class ReachError extends Error {
  readonly reason: Failure;
  constructor(reason: Failure) {
    super(reason.message);
    this.reason = reason;
  }
}

/** What one client connection has behind one route: its backend, pinned, and the connection to it. */
interface AdminLeg {
  readonly connection: Connection;
  readonly backend: BackendConfig;
  readonly agent: Agent;
}

/** Per client socket and route id. */
export type AdminLegs = WeakMap<Socket, Map<string, Promise<AdminLeg | Failure>>>;

/** An agent with one connection, which it opens through `dialBackend`; NTLM and Negotiate authenticate the connection. */
class PinnedAgent extends Agent {
  readonly #open: () => Promise<Socket>;
  constructor(open: () => Promise<Socket>) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#open = open;
  }
  override createConnection(
    _options: unknown,
    done?: (error: Error | null, socket: Socket) => void,
  ): undefined {
    this.#open().then(
      (socket) => done?.(null, socket),
      (error: unknown) =>
        done?.(error instanceof Error ? error : new Error(String(error)), undefined as unknown as Socket),
    );
  }
}

/** Bytes of all the backend connections of a leg; sampled, since HTTP framing is Node's. */
function countSockets(): { readonly bytes: Connection["bytes"]; add(socket: Socket): void } {
  const sockets = new Set<Socket>();
  const ended = { toBackend: 0, toClient: 0 };
  return {
    bytes: {
      get toBackend() {
        return [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, ended.toBackend);
      },
      get toClient() {
        return [...sockets].reduce((sum, socket) => sum + socket.bytesRead, ended.toClient);
      },
    },
    add(socket) {
      sockets.add(socket);
      socket.once("close", () => {
        sockets.delete(socket);
        ended.toBackend += socket.bytesWritten;
        ended.toClient += socket.bytesRead;
      });
    },
  };
}

function makeLeg(forwarding: Forwarding, connection: Connection, reached: Reached): AdminLeg {
  const counted = countSockets();
  connection.bytes = counted.bytes;
  let first: Socket | null = reached.socket;
  const agent = new PinnedAgent(async () => {
    let socket = first;
    first = null;
    if (!socket || socket.destroyed) {
      const reply = await forwarding.redial(reached.backend, "admin");
      if (!reply.ok) throw new ReachError(reply.failure);
      socket = reply.value;
    }
    counted.add(socket);
    return socket;
  });
  return { connection, backend: reached.backend, agent };
}

async function openLeg(
  client: Socket,
  route: RouteConfig,
  forwarding: Forwarding,
): Promise<AdminLeg | Failure> {
  const { registry } = forwarding;
  const gone = new AbortController();
  const connection = registry.begin({
    route: route.id,
    kind: "admin",
    client: addressOf(client),
    cut: () => client.destroy(),
  });
  const onClose = () => gone.abort();
  client.once("close", onClose);
  const reply = await forwarding.reach(route, "admin", gone.signal);
  if (!reply.ok || client.destroyed) {
    if (reply.ok) reply.value.socket.destroy();
    registry.end(connection);
    client.off("close", onClose);
    return reply.ok ? failure("CONNECT_FAILED", "The client went away.") : reply.failure;
  }
  registry.establish(connection, reply.value.backend.id, reply.value.why);
  const leg = makeLeg(forwarding, connection, reply.value);
  client.once("close", () => {
    leg.agent.destroy();
    registry.end(connection);
  });
  return leg;
}

/** The leg of this client and route, opened at the first request; a failed opening is tried again at the next one. */
async function legOf(
  client: Socket,
  route: RouteConfig,
  forwarding: Forwarding,
  legs: AdminLegs,
): Promise<AdminLeg | Failure> {
  const ofClient = legs.get(client) ?? new Map<string, Promise<AdminLeg | Failure>>();
  legs.set(client, ofClient);
  const opening = ofClient.get(route.id) ?? openLeg(client, route, forwarding);
  ofClient.set(route.id, opening);
  const leg = await opening;
  if ("code" in leg) ofClient.delete(route.id);
  return leg;
}

/** A backend that allows only reading refuses the rest itself: AMPS's actions are plain GETs. */
export function isReadOnly(backend: BackendConfig): boolean {
  return (backend.adminAccess ?? (backend.environment === "prod" ? "read-only" : "full")) === "read-only";
}

export async function forwardAdmin(
  matched: MatchedRequest,
  response: ServerResponse,
  legs: AdminLegs,
): Promise<void> {
  const { request, target, entry, names, forwarding } = matched;
  const { route, prefix } = entry;
  const refuse = (reason: Failure): void => {
    refuseClient(forwarding, route.id, reason);
    answerFailure(response, reason);
  };
  const backendTarget = stripPrefix(target, prefix);
  const harmless = readsOnly(request.method ?? "", pathOf(backendTarget));
  const {
    host,
    origin,
    "sec-fetch-site": fetchSite,
    "sec-fetch-mode": fetchMode,
  } = request.headers as Record<string, string | undefined>;
  const foreign = crossSiteProblem({ host, origin, fetchSite, fetchMode }, names, harmless);
  if (foreign) return refuse(foreign);
  const leg = await legOf(request.socket, route, forwarding, legs);
  if ("code" in leg) return request.socket.destroyed ? undefined : refuse(leg);
  if (!harmless && isReadOnly(leg.backend)) {
    return refuse(
      failure(
        "READ_ONLY",
        `Backend ${leg.backend.id} is read-only through Shunt; ${request.method} ${pathOf(backendTarget)} could change it.`,
      ),
    );
  }
  send({
    matched,
    response,
    leg,
    target: route.keepPrefix ? target : backendTarget,
    mayRetry: harmless,
    refuse,
  });
}

interface Sending {
  readonly matched: MatchedRequest;
  readonly response: ServerResponse;
  readonly leg: AdminLeg;
  readonly target: string;
  /** Only what surely changes nothing is sent a second time. */
  readonly mayRetry: boolean;
  readonly refuse: (reason: Failure) => void;
}

function send(sending: Sending): void {
  const { matched, response, leg, target } = sending;
  const { request, entry, names } = matched;
  const { transport, path } = entry.route;
  const authority = parseEndpoint("admin", leg.backend.admin ?? "")?.authority ?? "";
  const isPort = transport !== undefined;
  const headers = requestHeaders(
    request,
    {
      authority: isPort ? null : authority,
      prefix: isPort ? null : entry.prefix,
      client: request.socket.remoteAddress ?? "",
      proto: names.secure ? "https" : "http",
    },
    false,
  );
  const hasBody =
    request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  // Node would add chunked framing to a bodyless POST that has none.
  if (!hasBody && !["GET", "HEAD", "DELETE", "OPTIONS"].includes(request.method ?? ""))
    headers.push("Content-Length", "0");
  headers.push("Connection", "keep-alive");
  let upstream: ClientRequest;
  try {
    upstream = httpRequest({
      agent: leg.agent,
      method: request.method ?? "GET",
      path: target,
      headers,
      setHost: false,
      timeout: answerTimeoutMs,
    });
  } catch (error) {
    return sending.refuse(failure("BAD_REQUEST", `The request cannot be passed on: ${errorText(error)}.`));
  }
  const rewrite =
    isPort || path === undefined || entry.route.keepPrefix ? null : { prefix: entry.prefix, authority };
  upstream.on("response", (answer) => relayAnswer(answer, response, rewrite));
  upstream.on("timeout", () =>
    upstream.destroy(
      new ReachError(
        failure("BACKEND_TIMEOUT", `${leg.backend.id} did not answer within ${answerTimeoutMs / 1000} s.`),
      ),
    ),
  );
  upstream.on("error", (error) => onUpstreamError(error, upstream, sending, hasBody));
  response.on("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
  if (hasBody) pipeline(request, upstream, () => undefined);
  else upstream.end();
}

function relayAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  rewrite: { prefix: string; authority: string } | null,
): void {
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer, rewrite));
  // A short answer must not look whole: pipeline destroys the client's side when the backend's breaks off.
  pipeline(answer, response, () => undefined);
}

function onUpstreamError(error: Error, upstream: ClientRequest, sending: Sending, hasBody: boolean): void {
  const { matched, response, leg } = sending;
  if (response.headersSent || matched.request.socket.destroyed) {
    response.destroy();
    return;
  }
  // The kept connection had been closed by the backend just as it was used.
  if (upstream.reusedSocket && errorCode(error) === "ECONNRESET" && sending.mayRetry && !hasBody)
    return send({ ...sending, mayRetry: false });
  if (error instanceof ReachError) return sending.refuse(error.reason);
  const code = errorCode(error) ?? "";
  if (code.startsWith("HPE_"))
    return sending.refuse(
      failure("BACKEND_ANSWER_INVALID", `${leg.backend.id} did not answer in HTTP (${code}).`),
    );
  sending.refuse(
    failure(
      "BACKEND_RESET",
      `${leg.backend.id} broke the connection off before it answered (${code || error.name}).`,
    ),
  );
}
