/** Reads one HTTP request head without altering it, for ports that pass its bytes on as they came. */
import type { Duplex } from "node:stream";
import { classifyFirstBytes } from "../forward/first-bytes.ts";
import { readUntil } from "../forward/read-until.ts";
import { targetProblem } from "./request-target.ts";

export const longestHeadBytes = 16 * 1024;
export const mostHeaderLines = 100;
/** How long a client may take until it has said where it wants to go. */
export const headTimeoutMs = 10_000;

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** Names in lower case, in order of arrival. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Everything read until the head was complete; `end` is the index behind the empty line. */
export interface HeadBytes {
  readonly bytes: Buffer;
  readonly end: number;
}

type HeadResult = HeadBytes | "not-http" | "too-large" | "timeout" | "closed";

/** Reads until the empty line; stops reading then, with what came behind it in `bytes`. `first`: read already. */
export function readHead(socket: Duplex, first: Buffer = Buffer.alloc(0)): Promise<HeadResult> {
  let held: Buffer = Buffer.alloc(0);
  const look = (chunk: Buffer): HeadResult | null => {
    held = Buffer.concat([held, chunk]);
    const at = held.indexOf("\r\n\r\n");
    if (at >= 0 && at <= longestHeadBytes) return { bytes: held, end: at + 4 };
    if (classifyFirstBytes(held) !== "http") return "not-http";
    return held.length > longestHeadBytes ? "too-large" : null;
  };
  return readUntil(socket, { look, timeoutMs: headTimeoutMs, first });
}

/** The line that a head begins with. */
export function firstLineOf(text: string): string {
  const end = text.indexOf("\r\n");
  return end < 0 ? text : text.slice(0, end);
}

// eslint-disable-next-line no-control-regex
const headerLine = /([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\u0000-\u0008\u000a-\u001f\u007f]*)(?:\r\n|$)/y;

/** Header lines, one behind the other from `at` to the end: names, as spelled, and values in turns; null where one cannot be read in one way only. */
export function readFields(text: string, at: number): readonly string[] | null {
  const fields: string[] = [];
  headerLine.lastIndex = at;
  while (headerLine.lastIndex < text.length) {
    const field = headerLine.exec(text);
    if (!field) return null;
    fields.push(field[1] ?? "", withoutBlanks(field[2] ?? ""));
  }
  return fields;
}

/** Name, as spelled, and value of one header line; null for a line that cannot be read in one way only. */
export function readField(line: string): readonly [name: string, value: string] | null {
  const [name, value] = (line.includes("\n") ? null : readFields(line, 0)) ?? [];
  return name === undefined || value === undefined ? null : [name, value];
}

/** Parses a head strictly; a string says what is wrong with it. */
export function parseRequestHead(head: string): RequestHead | string {
  const lines = head.replace(/\r\n\r\n$/, "").split("\r\n");
  const request = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(lines[0] ?? "");
  if (!request) return "is not an HTTP/1.1 request line";
  const [, method = "", target = ""] = request;
  if (lines.length > mostHeaderLines + 1) return "has more than 100 header lines";
  const headers: (readonly [string, string])[] = [];
  for (const line of lines.slice(1)) {
    const field = readField(line);
    if (!field) return "has a header line that cannot be read";
    headers.push([field[0].toLowerCase(), field[1]]);
  }
  const problem = targetProblem(target);
  if (problem !== null) return `has a target that ${problem}`;
  if (headers.filter(([name]) => name === "host").length !== 1) return "has no Host header, or two";
  const has = (...names: readonly string[]) => headers.some(([name]) => names.includes(name));
  if (has("upgrade") && has("content-length", "transfer-encoding"))
    return "announces a body, which an upgrade does not have";
  return { method, target, headers };
}

/** RFC 9110 5.5: blanks and tabs around a value are not of it. `trim` takes others too, and an expression takes its time. */
function withoutBlanks(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && isBlank(value[start])) start++;
  while (end > start && isBlank(value[end - 1])) end--;
  return value.slice(start, end);
}

function isBlank(char: string | undefined): boolean {
  return char === " " || char === "\t";
}

export function headerValue(head: RequestHead, name: string): string | undefined {
  return head.headers.find(([key]) => key === name)?.[1];
}

/** A WebSocket client says `websocket` and sends a key; any other Upgrade is a preflight (amps-facts 3). */
export function isWebSocketUpgrade(upgrade: string | undefined, key: string | undefined): boolean {
  return upgrade?.toLowerCase() === "websocket" && key !== undefined;
}

/** The answer that opens a preflight client's raw connection: one write, then silence until its first frame. */
export function switchingProtocols(token: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${token}\r\n\r\n`;
}
