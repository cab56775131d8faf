/** Whether a request is let in, and which route it belongs to. Pure: a head, by whomever it was read, to a decision. */
import type { RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { failure } from "../failures.ts";
import type { MatchedRequest, RequestFacts } from "./matched-request.ts";
import { hostProblem, splitHost, type ListenerNames } from "./origin-guard.ts";
import type { PathEntry, PathTable } from "./path-table.ts";
import { mostHeaderLines } from "./request-head.ts";
import { pathOf, targetProblem } from "./request-target.ts";

/** Why a request head is refused before it is matched, or null. Node's parser is strict, and lets these through. */
function headProblem(request: RequestFacts): Failure | null {
  const { rawHeaders } = request;
  if (rawHeaders.length > 2 * mostHeaderLines)
    return failure("REQUEST_TOO_LARGE", `The request has ${rawHeaders.length / 2} header lines.`);
  if (request.httpVersion !== "1.1" && request.httpVersion !== "1.0")
    return failure("BAD_REQUEST", `HTTP/${request.httpVersion} is not spoken here.`);
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === "host") hosts++;
  if (hosts !== 1) return failure("BAD_REQUEST", "The request has no Host header, or two.");
  if (request.httpVersion === "1.0" && request.headers["transfer-encoding"] !== undefined)
    return failure("BAD_REQUEST", "An HTTP/1.0 request cannot be chunked.");
  const problem = targetProblem(request.url ?? "");
  return problem === null ? null : failure("BAD_REQUEST", `The request's target ${problem}.`);
}

/** The entry of the table that a request is for, or why it is refused. */
export function judgeRequest(
  request: RequestFacts,
  table: PathTable<RouteConfig>,
  names: ListenerNames,
): PathEntry<RouteConfig> | Failure {
  const target = request.url ?? "";
  const problem = headProblem(request);
  if (problem) return problem;
  const foreign = hostProblem(request.headers.host, names);
  if (foreign) return foreign;
  const entry = table.match(splitHost(request.headers.host ?? "")?.name ?? "", target);
  return entry ?? failure("UNKNOWN_PATH", `No route on this listener has the path ${pathOf(target)}.`);
}

/** The prefix without its slash, which is where relative links of the pages behind it begin. */
export function isBarePrefix({ entry, target }: MatchedRequest): boolean {
  return entry.prefix !== "/" && pathOf(target) === entry.prefix;
}
