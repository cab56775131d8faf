/** An upgrade's request: whether it may be forwarded, what it asks for, and how the backend gets it. Pure. */
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { failure } from "../failures.ts";
import { endpointAddress } from "../forward/endpoint-address.ts";
import { headBytes, requestHeaders } from "./forwarded-headers.ts";
import type { MatchedRequest } from "./matched-request.ts";
import { originProblem } from "./origin-guard.ts";
import { isWebSocketUpgrade } from "./request-head.ts";
import { stripPrefix } from "./request-target.ts";

/** Why an upgrade request is refused, or null. */
export function upgradeProblem({ request, names }: MatchedRequest): Failure | null {
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

/** The endpoint that an upgrade is for. */
export function upgradeKind({ request, entry }: MatchedRequest): EndpointKind {
  if (entry.route.transport === "admin") return "admin";
  return isWebSocketUpgrade(request.headers.upgrade, request.headers["sec-websocket-key"])
    ? "websocket"
    : "amps";
}

interface UpgradeLeg {
  readonly matched: MatchedRequest;
  readonly kind: EndpointKind;
  readonly backend: BackendConfig;
  /** The client's address, without its port. */
  readonly client: string;
}

/** The request as the backend gets it: its prefix stripped, in the backend's name. */
export function upgradeRequest({ matched, kind, backend, client }: UpgradeLeg): Buffer {
  const { request, entry, target, names } = matched;
  const isPort = entry.route.transport !== undefined;
  const lines = requestHeaders(
    request,
    {
      authority: isPort ? null : (endpointAddress(backend, kind)?.authority ?? null),
      prefix: isPort ? null : entry.prefix,
      client,
      proto: names.secure ? "https" : "http",
    },
    true,
  );
  return headBytes(
    `GET ${entry.route.keepPrefix ? target : stripPrefix(target, entry.prefix)} HTTP/1.1`,
    lines,
  );
}
