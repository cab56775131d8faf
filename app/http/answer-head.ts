/** Reads the head of a backend's answer from its bytes, strictly, and says how long the body behind it is. Pure. */
import { firstLineOf, longestHeadBytes, readFields } from "./request-head.ts";

export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly isHttp10: boolean;
  /** What is asked for here and elsewhere, by name in lower case; lines of one name joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Name and value in turns, in order and as spelled. */
  readonly rawHeaders: readonly string[];
  /** The index behind the empty line. */
  readonly end: number;
}

/** How the end of a body is known (RFC 9112 section 6.3): so many bytes, the last chunk, or the end of the connection. */
export type Framing = number | "chunked" | "close";

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\u0020-\u007e\u0080-\u00ff]*))?$/;
const start = "HTTP/1.";
const decisive = new Set([
  "connection",
  "content-length",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "transfer-encoding",
  "upgrade",
]);

/** `more`: it is not whole yet. Any other text: what is wrong with it. */
export function parseAnswerHead(bytes: Buffer): AnswerHead | string {
  const end = bytes.indexOf("\r\n\r\n") + 4;
  if (end < 4 && bytes.length <= longestHeadBytes && isBegun(bytes)) return "more";
  if (end < 4 || end > longestHeadBytes) return "no head";
  const text = bytes.toString("latin1", 0, end - 4);
  const first = firstLineOf(text);
  const status = statusLine.exec(first);
  if (!status) return "no status line";
  const rawHeaders = readFields(text, first.length + 2);
  if (!rawHeaders) return "a header line that cannot be read";
  const headers: Record<string, string> = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const key = (rawHeaders[at] ?? "").toLowerCase();
    if (!decisive.has(key)) continue;
    const [before, value = ""] = [headers[key], rawHeaders[at + 1]];
    headers[key] = before === undefined ? value : `${before}, ${value}`;
  }
  const [, minor, code, reason = ""] = status;
  const head = { status: Number(code), reason, isHttp10: minor === "0", headers, rawHeaders, end };
  const problem = framingProblem(head);
  return problem ?? head;
}

/** So that what will never be a head is not waited for. */
function isBegun(bytes: Buffer): boolean {
  const text = bytes.toString("latin1");
  return text.slice(0, start.length) === start.slice(0, text.length) && !/(^|[^\r])\n/.test(text);
}

function framingProblem({ headers, isHttp10 }: AnswerHead): string | null {
  const { "content-length": length, "transfer-encoding": coding } = headers;
  if (length !== undefined && coding !== undefined) return "a length, and chunks";
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return "a length that cannot be read";
  if (coding !== undefined && (coding.toLowerCase() !== "chunked" || isHttp10)) return "an unknown coding";
  return null;
}

/** `method`: of the request that is answered. */
export function framingOf({ status, headers }: AnswerHead, method: string): Framing {
  if (method === "HEAD" || status === 204 || status === 304 || status < 200) return 0;
  if (headers["transfer-encoding"] !== undefined) return "chunked";
  return headers["content-length"] === undefined ? "close" : Number(headers["content-length"]);
}

export function isSwitching({ status, headers }: AnswerHead): boolean {
  const connection = (headers.connection ?? "").toLowerCase().split(",");
  return (
    status === 101 && headers.upgrade !== undefined && connection.some((token) => token.trim() === "upgrade")
  );
}
