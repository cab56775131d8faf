/** Forwards one absolute-form request of a Galvanometer: judged anew each time, one upstream per client socket and place. */
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import { errorCode, errorText, failure } from "../failures.ts";
import type { Failure } from "../contract/failures.ts";
import { addressOf } from "../forward/forwarding.ts";
import { requestHeaders, responseHeaders } from "../http/forwarded-headers.ts";
import { PinnedAgent, ReachError } from "../http/pinned-agent.ts";
import { canonicalPath, readsOnly } from "../http/read-only.ts";
import { pathOf } from "../http/request-target.ts";
import type { Place } from "./address-book.ts";
import { parseDocument } from "./ask-statistics.ts";
import { answerProxyFailure } from "./proxy-answers.ts";
import { reachPlace } from "./reach-place.ts";
import type { Scope } from "./scope.ts";

/** Asked for once by a window so that its session has the credential before the first websocket. */
const primeHost = "shunt.invalid";

const longestLearntBytes = 4 * 1024 * 1024;

/** Per client socket: where its requests go, as the place was when the connection was opened. */
export type Legs = WeakMap<Socket, Map<string, PinnedAgent>>;

interface ProxyRequest {
  readonly scope: Scope;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly legs: Legs;
  readonly answerTimeoutMs: number;
}

/** `http://host:port/path`, or null. */
function readAbsolute(url: string): { readonly authority: string; readonly target: string } | null {
  const match = /^http:\/\/([^/?#\\@\s]+)((?:[/?][\x21-\x7e]*)?)$/.exec(url);
  if (!match) return null;
  const [, authority = "", rest = ""] = match;
  if (rest.includes("#")) return null;
  return { authority, target: rest.startsWith("/") ? rest : `/${rest}` };
}

export async function forwardProxied(asked: ProxyRequest): Promise<void> {
  const { scope, request, response } = asked;
  const absolute = readAbsolute(request.url ?? "");
  if (!absolute) {
    const problem = failure("BAD_REQUEST", "The request does not name a plain http://host:port/path.");
    scope.tellRefused({ authority: (request.url ?? "").slice(0, 120), scheme: "http" }, problem);
    return answerProxyFailure(response, problem);
  }
  if (absolute.authority === primeHost) return void response.writeHead(204).end();
  const method = request.method ?? "";
  const verdict = await scope.judge({ scheme: "http", method, ...absolute });
  if (request.socket.destroyed) return;
  if (!verdict.ok) return answerProxyFailure(response, verdict.failure);
  send({
    asked,
    place: verdict.value,
    target: absolute.target,
    mayRetry: readsOnly(method, pathOf(absolute.target)),
  });
}

interface Sending {
  readonly asked: ProxyRequest;
  readonly place: Place;
  readonly target: string;
  /** Only what surely changes nothing is sent a second time. */
  readonly mayRetry: boolean;
}

function agentFor({ scope, request, legs }: ProxyRequest, place: Place): PinnedAgent {
  const { socket } = request;
  const ofClient = legs.get(socket) ?? beginLegs(socket);
  legs.set(socket, ofClient);
  const key = `${scope.id} ${JSON.stringify(place)}`;
  const known = ofClient.get(key);
  if (known) return known;
  const agent = new PinnedAgent(async () => {
    const gone = new AbortController();
    const onClose = () => gone.abort();
    socket.once("close", onClose);
    const reaching = scope.reaching(gone.signal);
    if (!reaching)
      throw new ReachError(failure("NOT_FOUND", `Backend ${scope.backend} is no longer configured.`));
    const reply = await reachPlace(place, reaching);
    socket.off("close", onClose);
    if (!reply.ok) throw new ReachError(reply.failure);
    const upstream = reply.value;
    scope.sockets.add(upstream);
    const ended = scope.carries({
      place,
      client: addressOf(socket),
      bytes: () => ({ toBackend: upstream.bytesWritten, toClient: upstream.bytesRead }),
      cut: () => upstream.destroy(),
    });
    upstream.once("close", () => {
      scope.sockets.delete(upstream);
      ended();
    });
    if (socket.destroyed) upstream.destroy();
    return upstream;
  });
  ofClient.set(key, agent);
  return agent;
}

function beginLegs(client: Socket): Map<string, PinnedAgent> {
  const agents = new Map<string, PinnedAgent>();
  client.once("close", () => {
    for (const agent of agents.values()) agent.destroy();
  });
  return agents;
}

function send(sending: Sending): void {
  const { asked, place, target } = sending;
  const { request, response } = asked;
  const { authority } = place;
  const headers = requestHeaders(request, { authority, prefix: null, client: "", proto: "http" }, false);
  const hasBody =
    request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  if (!hasBody && !["GET", "HEAD", "DELETE", "OPTIONS"].includes(request.method ?? ""))
    headers.push("Content-Length", "0");
  headers.push("Connection", "keep-alive");
  let upstream: ClientRequest;
  try {
    upstream = httpRequest({
      agent: agentFor(asked, place),
      method: request.method ?? "GET",
      path: target,
      headers,
      setHost: false,
    });
  } catch (error) {
    const reason = failure("BAD_REQUEST", `The request cannot be passed on: ${errorText(error)}.`);
    return answerProxyFailure(response, reason);
  }
  // Counted from the connection on, since the dial has a limit of its own; a body is then at the backend's own pace.
  let waiting: NodeJS.Timeout | undefined;
  upstream.on("socket", () => {
    waiting = setTimeout(() => {
      const seconds = asked.answerTimeoutMs / 1000;
      upstream.destroy(
        new ReachError(failure("BACKEND_TIMEOUT", `${authority} did not answer within ${seconds} s.`)),
      );
    }, asked.answerTimeoutMs);
  });
  upstream.on("close", () => clearTimeout(waiting));
  upstream.on("response", (answer) => {
    clearTimeout(waiting);
    learnFrom(answer, sending);
    response.sendDate = false;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer, null));
    pipeline(answer, response, () => undefined);
  });
  upstream.on("error", (error) => onUpstreamError(error, upstream, sending, hasBody));
  response.on("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
  if (hasBody) pipeline(request, upstream, () => undefined);
  else upstream.end();
}

/** Documents that hold rows of replication statistics. */
const toldBy = new Set(["/amps", "/amps/instance", "/amps/instance/replication"]);

/** What the page is told about replication is learnt as it passes: it may need a password that Shunt does not have. */
function learnFrom(answer: IncomingMessage, { asked, place, target }: Sending): void {
  const path = canonicalPath(pathOf(target)) ?? "";
  const isConfig = path === "/amps/instance/config";
  if (!(isConfig || toldBy.has(path)) || answer.statusCode !== 200) return;
  if (!(isConfig ? /xml/i : /json/i).test(answer.headers["content-type"] ?? "")) return;
  if (answer.headers["content-encoding"] !== undefined) return;
  const chunks: Buffer[] = [];
  let size = 0;
  answer.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= longestLearntBytes) chunks.push(chunk);
  });
  answer.on("end", () => {
    if (size > longestLearntBytes) return;
    const body = Buffer.concat(chunks);
    if (isConfig) asked.scope.learnConfig(body.toString("utf8"), place);
    else asked.scope.learn(parseDocument(body), place);
  });
}

function onUpstreamError(error: Error, upstream: ClientRequest, sending: Sending, hasBody: boolean): void {
  const { asked, place } = sending;
  const { request, response } = asked;
  if (response.headersSent || request.socket.destroyed) {
    response.destroy();
    return;
  }
  // The kept connection had been closed by the backend just as it was used.
  if (upstream.reusedSocket && errorCode(error) === "ECONNRESET" && sending.mayRetry && !hasBody)
    return send({ ...sending, mayRetry: false });
  answerProxyFailure(response, reasonOf(error, place));
}

function reasonOf(error: Error, place: Place): Failure {
  if (error instanceof ReachError) return error.reason;
  const code = errorCode(error) ?? error.name;
  return code.startsWith("HPE_")
    ? failure("BACKEND_ANSWER_INVALID", `${place.authority} did not answer in HTTP (${code}).`)
    : failure("BACKEND_RESET", `${place.authority} broke the connection off before it answered (${code}).`);
}
