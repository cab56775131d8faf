/** What a plain request becomes for the admin endpoint, and whether it may go there at all. Pure. */
import type { BackendConfig, RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { failure } from "../failures.ts";
import { headBytes, requestHeaders, type HeaderList, type PrefixRewrite } from "./forwarded-headers.ts";
import type { MatchedRequest } from "./matched-request.ts";
import { crossSiteProblem } from "./origin-guard.ts";
import type { PathEntry } from "./path-table.ts";
import { isReadOnly, readsOnly } from "./read-only.ts";
import { pathOf, stripPrefix } from "./request-target.ts";

export interface AdminRequest {
  /** As the backend gets it. */
  readonly target: string;
  /** It can change nothing. */
  readonly harmless: boolean;
  /** Why it is refused wherever it goes, or null. */
  readonly problem: Failure | null;
}

export function judgeAdmin({ request, target, entry, names }: MatchedRequest): AdminRequest {
  const stripped = stripPrefix(target, entry.prefix);
  const harmless = readsOnly(request.method ?? "", pathOf(stripped));
  const {
    host,
    origin,
    "sec-fetch-site": fetchSite,
    "sec-fetch-mode": fetchMode,
  } = request.headers as Record<string, string | undefined>;
  return {
    target: entry.route.keepPrefix ? target : stripped,
    harmless,
    problem: crossSiteProblem({ host, origin, fetchSite, fetchMode }, names, harmless),
  };
}

/** Why this backend does not get it, or null. */
export function readOnlyProblem(
  { request, target, entry }: MatchedRequest,
  { harmless }: AdminRequest,
  backend: BackendConfig,
): Failure | null {
  if (harmless || !isReadOnly(backend)) return null;
  const path = pathOf(stripPrefix(target, entry.prefix));
  return failure(
    "READ_ONLY",
    `Backend ${backend.id} is read-only through Shunt; ${request.method} ${path} could change it.`,
  );
}

interface Asking extends Pick<MatchedRequest, "request" | "entry" | "names"> {
  /** The backend's own `host:port`. */
  readonly authority: string;
  /** The client's address. */
  readonly client: string;
}

/** The lines for the backend. */
export function adminHeaders({ request, entry, names, authority, client }: Asking): HeaderList {
  const isPort = entry.route.transport !== undefined;
  const headers = requestHeaders(
    request,
    {
      authority: isPort ? null : authority,
      prefix: isPort ? null : entry.prefix,
      client,
      proto: names.secure ? "https" : "http",
    },
    false,
  );
  headers.push("Connection", "keep-alive");
  return headers;
}

/** The whole head for the backend. */
export function adminHead(asking: Asking & Pick<AdminRequest, "target">): Buffer {
  return headBytes(`${asking.request.method} ${asking.target} HTTP/1.1`, adminHeaders(asking));
}

/** How answers name the backend's paths to the client; null where they are the same. */
export function rewriteOf(
  { route, prefix }: PathEntry<RouteConfig>,
  authority: string,
): PrefixRewrite | null {
  const { transport, path, keepPrefix } = route;
  return transport !== undefined || path === undefined || keepPrefix ? null : { prefix, authority };
}
