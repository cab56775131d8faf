/** Forwards plain requests to the admin endpoint: one backend connection per client connection, never shared. */
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream";
import type { Failure } from "../contract/failures.ts";
import { errorCode, errorText, failure } from "../failures.ts";
import { refuseClient } from "../forward/forwarding.ts";
import { adminHeaders, judgeAdmin, readOnlyProblem, rewriteOf } from "./admin-request.ts";
import { legOf, type AdminLeg, type AdminLegs } from "./admin-leg.ts";
import { answerFailure } from "./answers.ts";
import {
  answerProblem,
  answerTimeoutMs,
  brokenAnswer,
  invalidAnswer,
  lateAnswer,
  limitInterimAnswers,
} from "./backend-answer.ts";
import { responseHeaders, type PrefixRewrite } from "./forwarded-headers.ts";
import type { MatchedRequest } from "./matched-request.ts";
import { ReachError } from "./pinned-agent.ts";

export async function forwardAdmin(
  matched: MatchedRequest<IncomingMessage>,
  response: ServerResponse,
  legs: AdminLegs,
): Promise<void> {
  const { request, entry, forwarding } = matched;
  const { route } = entry;
  const refuse = (reason: Failure): void => {
    refuseClient(forwarding, route.id, reason);
    answerFailure(response, reason);
  };
  const judged = judgeAdmin(matched);
  if (judged.problem) return refuse(judged.problem);
  const leg = await legOf(request.socket, route, forwarding, legs);
  if ("code" in leg) return request.socket.destroyed ? undefined : refuse(leg);
  const forbidden = readOnlyProblem(matched, judged, leg.backend);
  if (forbidden) return refuse(forbidden);
  await leg.agent().turn(response);
  if (request.socket.destroyed) return;
  send({ matched, response, leg, target: judged.target, mayRetry: judged.harmless, refuse });
}

interface Sending {
  readonly matched: MatchedRequest<IncomingMessage>;
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
  const { authority } = leg;
  const client = request.socket.remoteAddress ?? "";
  const headers = adminHeaders({ request, entry, names, authority, client });
  const hasBody =
    request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  // Node would add chunked framing to a bodyless POST that has none.
  if (!hasBody && !["GET", "HEAD", "DELETE", "OPTIONS"].includes(request.method ?? ""))
    headers.push("Content-Length", "0");
  let upstream: ClientRequest;
  try {
    upstream = httpRequest({
      agent: leg.agent(),
      method: request.method ?? "GET",
      path: target,
      headers,
      setHost: false,
      timeout: answerTimeoutMs,
    });
  } catch (error) {
    return sending.refuse(failure("BAD_REQUEST", `The request cannot be passed on: ${errorText(error)}.`));
  }
  const rewrite = rewriteOf(entry, authority);
  upstream.on("response", (answer) => {
    const problem = answerProblem(leg.backend.id, answer);
    if (problem) upstream.destroy(new ReachError(problem));
    else relayAnswer(answer, response, rewrite);
  });
  // Without a listener Node destroys the connection and tells nobody: the client would wait for ever.
  upstream.on("upgrade", (_answer, socket) => {
    socket.destroy();
    sending.refuse(invalidAnswer(leg.backend.id, "a 101 that nobody asked for"));
  });
  limitInterimAnswers(upstream, leg.backend.id);
  upstream.on("timeout", () => upstream.destroy(new ReachError(lateAnswer(leg.backend.id))));
  upstream.on("error", (error) => onUpstreamError(error, upstream, sending, hasBody));
  response.on("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
  if (hasBody) pipeline(request, upstream, () => undefined);
  else upstream.end();
}

function relayAnswer(answer: IncomingMessage, response: ServerResponse, rewrite: PrefixRewrite | null): void {
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
  if (code.startsWith("HPE_")) return sending.refuse(invalidAnswer(leg.backend.id, code));
  sending.refuse(brokenAnswer(leg.backend.id, code || error.name));
}
