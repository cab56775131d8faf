/** Forwards plain requests to the admin endpoint: one backend connection per client connection, never shared. */
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream";
import type { Failure } from "../contract/failures.ts";
import { parseEndpoint } from "../config/address.ts";
import { errorCode, errorText, failure } from "../failures.ts";
import { refuseClient } from "../forward/forwarding.ts";
import { legOf, type AdminLeg, type AdminLegs } from "./admin-leg.ts";
import { answerFailure } from "./answers.ts";
import { answerProblem, invalidAnswer, limitInterimAnswers } from "./backend-answer.ts";
import { requestHeaders, responseHeaders } from "./forwarded-headers.ts";
import type { MatchedRequest } from "./matched-request.ts";
import { crossSiteProblem } from "./origin-guard.ts";
import { ReachError } from "./pinned-agent.ts";
import { isReadOnly, readsOnly } from "./read-only.ts";
import { pathOf, stripPrefix } from "./request-target.ts";

const answerTimeoutMs = 30_000;

export async function forwardAdmin(
  matched: MatchedRequest<IncomingMessage>,
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
  if (code.startsWith("HPE_")) return sending.refuse(invalidAnswer(leg.backend.id, code));
  sending.refuse(
    failure(
      "BACKEND_RESET",
      `${leg.backend.id} broke the connection off before it answered (${code || error.name}).`,
    ),
  );
}
