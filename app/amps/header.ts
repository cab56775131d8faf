/** AMPS command headers: a JSON object with the body immediately behind its closing brace (amps-facts 2.1). */

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Index behind the closing brace of the object that begins at `start`; -1 while it is not complete. */
export function headerEnd(bytes: Uint8Array, start = 0): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace) depth++;
    else if (byte === closeBrace && --depth === 0) return at + 1;
  }
  return -1;
}

/** What a logon says of its client. The password is never taken. */
export interface LogonFacts {
  readonly ampsClient: string | null;
  readonly user: string | null;
  readonly clientVersion: string | null;
  readonly messageType: string | null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value.slice(0, 255) : null;
}

/** Reads a logon header; null if the text is not one. */
export function readLogon(header: string): LogonFacts | null {
  let fields: unknown;
  try {
    fields = JSON.parse(header);
  } catch {
    return null;
  }
  if (typeof fields !== "object" || fields === null) return null;
  const get = (key: string): unknown =>
    Object.hasOwn(fields, key) ? (fields as Record<string, unknown>)[key] : undefined;
  if (get("c") !== "logon") return null;
  return {
    ampsClient: textOf(get("client_name")),
    user: textOf(get("user_id")),
    clientVersion: textOf(get("version")) ?? textOf(get("v")),
    messageType: textOf(get("mt")),
  };
}
