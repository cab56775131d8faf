/** Forwards upgrade requests: WebSocket to the websocket endpoint, any other token to the amps endpoint; then raw bytes. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Reply } from "../contract/commands.ts";
import type { EndpointKind } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { parseEndpoint } from "../config/address.ts";
import { observeTcpLogon } from "../amps/tcp-observer.ts";
import { messageTypeOfPath, observeWebSocketLogon } from "../amps/ws-observer.ts";
import { accept, errorCode, errorText, failure, refuse } from "../failures.ts";
import { carry } from "../forward/carry.ts";
import type { Connection } from "../forward/connection-registry.ts";
import { Departure } from "../forward/departure.ts";
import { addressOf, refuseClient, type Reached } from "../forward/forwarding.ts";
import { resetSocket } from "../forward/reset.ts";
import { rawFailure } from "./answers.ts";
import { answerProblem, invalidAnswer, limitInterimAnswers } from "./backend-answer.ts";
import { headerLines, requestHeaders } from "./forwarded-headers.ts";
import type { MatchedRequest } from "./matched-request.ts";
import { originProblem } from "./origin-guard.ts";
import { isWebSocketUpgrade, switchingProtocols } from "./request-head.ts";
import { ReachError } from "./pinned-agent.ts";
import { stripPrefix } from "./request-target.ts";

const answerTimeoutMs = 30_000;

/** What the backend said to an upgrade: its socket is ours after a 101, and is over after anything else. */
type Verdict =
  | { readonly upgraded: true; readonly answer: IncomingMessage; readonly early: Buffer }
  | { readonly upgraded: false; readonly answer: IncomingMessage };

/** Why an upgrade request is refused, or null. */
function upgradeProblem({ request, names }: MatchedRequest): Failure | null {
  const token = request.headers.upgrade ?? "";
  if (request.method !== "GET" || request.httpVersion !== "1.1")
    return failure("BAD_REQUEST", "An upgrade is a GET in HTTP/1.1.");
  if (request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined) {
    return failure("BAD_REQUEST", "An upgrade request has no body.");
  }
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+(\/[A-Za-z0-9.]+)?$/.test(token) || /^h2c?$/i.test(token)) {
    return failure("BAD_REQUEST", `Upgrade: ${token.slice(0, 40)} is not spoken here.`);
  }
  return originProblem(request.headers.origin, names);
}

export async function forwardUpgrade(matched: MatchedRequest, client: Socket, head: Buffer): Promise<void> {
  const { request, entry, forwarding } = matched;
  const { route } = entry;
  const isWebSocket = isWebSocketUpgrade(request.headers.upgrade, request.headers["sec-websocket-key"]);
  const kind: EndpointKind = route.transport === "admin" ? "admin" : isWebSocket ? "websocket" : "amps";
  const gone = new Departure();
  const connection = forwarding.registry.begin({
    route: route.id,
    kind: kind === "amps" ? "preflight" : kind,
    client: addressOf(client),
    cut: () => {
      gone.tell();
      resetSocket(client);
    },
  });
  client.on("close", gone.tell);
  const refused = (reason: Failure): void => {
    refuseClient(forwarding, route.id, reason, connection);
    client.end(rawFailure(reason), () => client.destroy());
  };
  const problem = upgradeProblem(matched);
  if (problem) return refused(problem);
  const reply = await forwarding.reach(route, kind, gone);
  if (gone.aborted) {
    if (reply.ok) resetSocket(reply.value.socket);
    return forwarding.registry.end(connection);
  }
  if (!reply.ok) return refused(reply.failure);
  client.off("close", gone.tell);
  forwarding.registry.establish(connection, reply.value.backend.id, reply.value.why);
  const joining: Joining = { matched, client, head, connection, reached: reply.value, kind, refused };
  if (kind === "amps" && route.preflight !== "pass") answerHere(joining);
  else await askBackend(joining);
}

interface Joining {
  readonly matched: MatchedRequest;
  readonly client: Socket;
  /** What the client sent behind its request. */
  readonly head: Buffer;
  readonly connection: Connection;
  readonly reached: Reached;
  readonly kind: EndpointKind;
  readonly refused: (reason: Failure) => void;
}

/** Preflight, answered here: any AMPS version will do, since it sees an ordinary TCP client. */
function answerHere({ matched, client, head, connection, reached }: Joining): void {
  client.write(switchingProtocols(matched.request.headers.upgrade ?? "tcp"));
  carry({
    route: matched.entry.route,
    forwarding: matched.forwarding,
    connection,
    client,
    reached,
    observer: observeTcpLogon,
    early: head,
  });
}

async function askBackend(joining: Joining): Promise<void> {
  const { matched, client, head, connection, reached, kind } = joining;
  const verdict = await sendUpgrade(joining);
  if (client.destroyed) {
    matched.forwarding.registry.end(connection);
    resetSocket(reached.socket);
    return;
  }
  if (!verdict.ok) return joining.refused(verdict.failure);
  if (!verdict.value.upgraded) return relayRefusal(joining, verdict.value.answer);
  const { answer, early } = verdict.value;
  client.write(
    Buffer.concat([
      Buffer.from(
        statusAndHeaders(answer, (name) => name !== ""),
        "latin1",
      ),
      early,
    ]),
  );
  connection.bytes.add("toBackend", reached.socket.bytesWritten);
  connection.bytes.add("toClient", reached.socket.bytesRead);
  const facts = {
    messageType: messageTypeOfPath(matched.target),
    isDeflate: () => /permessage-deflate/i.test(answer.headers["sec-websocket-extensions"] ?? ""),
  };
  carry({
    route: matched.entry.route,
    forwarding: matched.forwarding,
    connection,
    client,
    reached,
    early: head,
    observer:
      kind === "websocket" ? (onLogon, role) => observeWebSocketLogon(facts, onLogon, role) : observeTcpLogon,
  });
}

/** Sends the request with its prefix stripped over the connection that was opened for it. */
function sendUpgrade({ matched, reached, kind }: Joining): Promise<Reply<Verdict>> {
  const { request, entry, target, names } = matched;
  const isPort = entry.route.transport !== undefined;
  const authority = isPort ? null : (parseEndpoint(kind, reached.backend[kind] ?? "")?.authority ?? null);
  return new Promise((resolve) => {
    const upstream = httpRequest({
      createConnection: () => reached.socket,
      method: "GET",
      path: entry.route.keepPrefix ? target : stripPrefix(target, entry.prefix),
      headers: requestHeaders(
        request,
        {
          authority,
          prefix: isPort ? null : entry.prefix,
          client: request.socket.remoteAddress ?? "",
          proto: names.secure ? "https" : "http",
        },
        true,
      ),
      setHost: false,
    });
    const accepted = (verdict: Verdict): void => {
      const problem = answerProblem(`The ${kind} endpoint of ${reached.backend.id}`, verdict.answer);
      if (problem === null) return resolve(accept(verdict));
      resolve({ ok: false, failure: problem });
      upstream.destroy();
      reached.socket.destroy();
    };
    upstream.on("upgrade", (answer, socket, early) => {
      // The limit was for the answer: an upgraded connection may be silent for hours.
      socket.setTimeout(0);
      upstream.removeAllListeners("timeout");
      accepted({ upgraded: true, answer, early });
    });
    upstream.on("response", (answer) => accepted({ upgraded: false, answer }));
    limitInterimAnswers(upstream, reached.backend.id);
    // As an option it would be for the agent or net.connect to set, and neither made this socket.
    upstream.setTimeout(answerTimeoutMs);
    upstream.on("timeout", () => {
      resolve(
        refuse(
          "BACKEND_TIMEOUT",
          `${reached.backend.id} did not answer the upgrade within ${answerTimeoutMs / 1000} s.`,
        ),
      );
      upstream.destroy();
    });
    upstream.on("error", (error) => {
      if (error instanceof ReachError) return resolve({ ok: false, failure: error.reason });
      const code = errorCode(error) ?? errorText(error);
      resolve(
        code.startsWith("HPE_")
          ? { ok: false, failure: invalidAnswer(`The ${kind} endpoint of ${reached.backend.id}`, code) }
          : refuse(
              "BACKEND_RESET",
              `${reached.backend.id} broke the connection off before it answered the upgrade (${code}).`,
            ),
      );
    });
    upstream.end();
  });
}

function statusAndHeaders(answer: IncomingMessage, keep: (lowerName: string) => boolean): string {
  const lines = headerLines(answer).filter(([name]) => keep(name.toLowerCase()));
  return `HTTP/${answer.httpVersion} ${answer.statusCode} ${answer.statusMessage}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

/** The backend's own no goes to the client unchanged, and ends the connection: nothing else may follow on it. */
function relayRefusal({ matched, client, connection, reached }: Joining, answer: IncomingMessage): void {
  const { registry, note } = matched.forwarding;
  note({
    event: "connection-refused",
    severity: "warning",
    code: "BACKEND_ANSWER_INVALID",
    route: connection.route,
    backend: reached.backend.id,
    message: `${reached.backend.id} answered an upgrade with ${answer.statusCode} ${answer.statusMessage ?? ""}.`,
  });
  const head = statusAndHeaders(
    answer,
    (name) => name !== "connection" && name !== "transfer-encoding" && name !== "keep-alive",
  );
  client.write(Buffer.from(head.replace(/\r\n\r\n$/, "\r\nConnection: close\r\n\r\n"), "latin1"));
  answer.on("data", (chunk: Buffer) => client.write(chunk));
  answer.on("end", () => client.end());
  answer.on("close", () => {
    if (!answer.complete) resetSocket(client);
    connection.bytes.add("toBackend", reached.socket.bytesWritten);
    connection.bytes.add("toClient", reached.socket.bytesRead);
    reached.socket.destroy();
    registry.end(connection);
  });
}
