/**
 * Reads a whole request head at a glance, where it can be read in one way only: a GET or HEAD without a body, nothing
 * unusual said of the connection. Everything else is Node's parser's, which knows all of HTTP. Pure: bytes to decision.
 */
import type { RequestFacts } from "./matched-request.ts";
import { longestHeadBytes, mostHeaderLines, readField } from "./request-head.ts";

export interface PlainHead {
  readonly request: RequestFacts;
  /** The index behind the empty line. */
  readonly end: number;
  readonly isUpgrade: boolean;
  /** The client may ask again on the same connection. */
  readonly keepsAlive: boolean;
}

const requestLine = /^(GET|HEAD) ([\u0021-\u007e]+) HTTP\/1\.1$/;
/** What decides about routing or framing may be said once. */
const decisive = new Set([
  "host",
  "connection",
  "upgrade",
  "origin",
  "sec-fetch-site",
  "sec-fetch-mode",
  "sec-websocket-key",
]);
/** Announce a body, or an answer in between. */
const notPlain = new Set(["content-length", "transfer-encoding", "expect", "trailer", "te", "keep-alive"]);

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
  const [first = "", ...lines] = bytes.toString("latin1", 0, end - 4).split("\r\n");
  const line = requestLine.exec(first);
  if (!line || lines.length > mostHeaderLines) return null;
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  for (const one of lines) {
    const field = readField(one);
    if (!field) return null;
    const [name, value] = field;
    const key = name.toLowerCase();
    if (notPlain.has(key)) return null;
    if (decisive.has(key)) {
      if (headers[key] !== undefined) return null;
      headers[key] = value;
    }
    rawHeaders.push(name, value);
  }
  if (headers.host === undefined) return null;
  const said = persistences[(headers.connection ?? "keep-alive").toLowerCase()];
  if (!said || said.isUpgrade !== (headers.upgrade !== undefined)) return null;
  const request = { method: line[1] ?? "", url: line[2] ?? "", httpVersion: "1.1", headers, rawHeaders };
  return { request, end, ...said };
}
