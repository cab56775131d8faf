/**
 * Reads a whole request head at a glance, where it can be read in one way only: a GET or HEAD without a body, nothing
 * unusual said of the connection. Everything else is Node's parser's, which knows all of HTTP. Pure: bytes to decision.
 */
import type { RequestFacts } from "./matched-request.ts";
import { firstLineOf, longestHeadBytes, mostHeaderLines, readFields } from "./request-head.ts";

export interface PlainHead {
  readonly request: RequestFacts;
  /** The index behind the empty line. */
  readonly end: number;
  readonly isUpgrade: boolean;
  /** The client may ask again on the same connection. */
  readonly keepsAlive: boolean;
}

const requestLine = /^(GET|HEAD) ([\u0021-\u007e]+) HTTP\/1\.1$/;
/** What decides about routing or framing, and may be said once. */
const decisive = "host connection upgrade origin sec-fetch-site sec-fetch-mode sec-websocket-key".split(" ");
/** What announces a body, or an answer in between, and may not be said. */
const notPlain = "content-length transfer-encoding expect trailer te keep-alive".split(" ");
/** How often a line of that name may be there; of another, as often as it likes. */
const limits = new Map([
  ...decisive.map((name) => [name, 1] as const),
  ...notPlain.map((name) => [name, 0] as const),
]);

type Persistence = Pick<PlainHead, "isUpgrade" | "keepsAlive">;

/** Every form of a Connection line that is read here, in lower case; browsers send no other. */
const persistences: Readonly<Record<string, Persistence>> = {
  "keep-alive": { isUpgrade: false, keepsAlive: true },
  close: { isUpgrade: false, keepsAlive: false },
  upgrade: { isUpgrade: true, keepsAlive: true },
  "keep-alive, upgrade": { isUpgrade: true, keepsAlive: true },
};

/** Null where Node's parser has to look: unfinished, unusual, or wrong. */
export function readPlainHead(bytes: Buffer): PlainHead | null {
  const end = bytes.indexOf("\r\n\r\n") + 4;
  if (end < 4 || end > longestHeadBytes) return null;
  const text = bytes.toString("latin1", 0, end - 4);
  const first = firstLineOf(text);
  const line = requestLine.exec(first);
  const rawHeaders = line && readFields(text, first.length + 2);
  if (!rawHeaders || rawHeaders.length > 2 * mostHeaderLines) return null;
  const headers: Record<string, string> = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const key = (rawHeaders[at] ?? "").toLowerCase();
    const limit = limits.get(key);
    if (limit === undefined) continue;
    if (limit === 0 || headers[key] !== undefined) return null;
    headers[key] = rawHeaders[at + 1] ?? "";
  }
  if (headers.host === undefined) return null;
  const said = persistences[(headers.connection ?? "keep-alive").toLowerCase()];
  if (!said || said.isUpgrade !== (headers.upgrade !== undefined)) return null;
  const request = { method: line[1] ?? "", url: line[2] ?? "", httpVersion: "1.1", headers, rawHeaders };
  return { request, end, ...said };
}
