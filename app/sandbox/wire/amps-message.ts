import { limits } from "../limits.ts";

/** A command or message as it crosses the wire: a JSON-like header, then bytes that AMPS does not look at. */
export interface AmpsMessage {
  readonly header: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Header fields in the order in which they are written; absent ones are left out. */
export type HeaderFields = Readonly<Record<string, string | number | bigint | undefined>>;

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Where the first JSON object of `bytes` ends, or -1: the body follows its closing brace with no separator. */
function headerEnd(bytes: Buffer): number {
  if (bytes[0] !== openBrace) return -1;
  let depth = 0;
  let inString = false;
  const last = Math.min(bytes.length, limits.headerBytes);
  for (let at = 0; at < last; at += 1) {
    const byte = bytes[at];
    if (inString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace) depth += 1;
    else if (byte === closeBrace && --depth === 0) return at + 1;
  }
  return -1;
}

/** Splits a TCP frame into header and body; null where it does not begin with a header. */
export function readMessage(frame: Buffer): AmpsMessage | null {
  const end = headerEnd(frame);
  if (end < 0) return null;
  const header = parseHeader(frame.toString("utf8", 0, end));
  return header === null ? null : { header, body: frame.subarray(end) };
}

/**
 * Parses a header. Whole numbers of 16 digits and more become strings: publishers begin their sequences at
 * epoch_ms * 10^6 (amps-facts 2.3), which a JavaScript number would round.
 */
export function parseHeader(text: string): AmpsMessage["header"] | null {
  const header = parseObject(text);
  if (header === null || !/\d{16}/.test(text)) return header;
  // Only text that is known to be JSON is searched: in any other, open quotes would make this slow.
  const exact = text.replace(
    /("(?:[^"\\]|\\.)*")|(-?\d{16,})(?![\d.eE])/g,
    (whole, string: string | undefined, digits: string | undefined) => string ?? `"${digits ?? whole}"`,
  );
  return parseObject(exact);
}

function parseObject(text: string): AmpsMessage["header"] | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as AmpsMessage["header"]) : null;
  } catch {
    return null;
  }
}

export function formatHeader(fields: HeaderFields): string {
  const parts = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [`"${name}":${typeof value === "bigint" ? value.toString() : JSON.stringify(value)}`];
  });
  return `{${parts.join(",")}}`;
}
