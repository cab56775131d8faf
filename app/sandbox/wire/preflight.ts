import { limits } from "../limits.ts";

/** What the first bytes of a connection to a TCP transport turned out to be. */
type Opening =
  | { readonly kind: "more" }
  | { readonly kind: "frames"; readonly reply: string | null; readonly rest: Buffer }
  | { readonly kind: "refused"; readonly reply: string };

/** Tells an HTTP preflight (`GET … Upgrade: <token>`, amps-facts 3) from plain frames, and answers it. */
export class OpeningReader {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Opening {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const start = this.#bytes.toString("latin1", 0, 4);
    if (!"GET ".startsWith(start)) return { kind: "frames", reply: null, rest: this.#bytes };
    if (start.length < 4) return { kind: "more" };
    const end = this.#bytes.indexOf("\r\n\r\n");
    if (end < 0) {
      return this.#bytes.length > limits.httpHeadBytes
        ? refused("431 Request Header Fields Too Large")
        : { kind: "more" };
    }
    return answer(this.#bytes.toString("latin1", 0, end), this.#bytes.subarray(end + 4));
  }
}

/** The last path segment of an AMPS address (`/any/path/amps/json` → `json`), or null for any other path. */
export function messageTypeOfPath(target: string): string | null {
  const path = target.split(/[?#]/, 1)[0] ?? "";
  return /^(?:\/[^/]+)*\/amps\/([^/]+)$/i.exec(path)?.[1] ?? null;
}

function answer(head: string, rest: Buffer): Opening {
  const [requestLine = "", ...lines] = head.split("\r\n");
  const [, target = "", version = ""] = requestLine.split(" ");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const token = headers.get("upgrade") ?? "";
  const isWebSocket = token.toLowerCase() === "websocket" && headers.has("sec-websocket-key");
  if (version !== "HTTP/1.1" || !/^[\w.+/-]+$/.test(token) || isWebSocket) return refused("400 Bad Request");
  if (messageTypeOfPath(target) === null) return refused("404 Not Found");
  const reply = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${token}\r\n\r\n`;
  return { kind: "frames", reply, rest };
}

function refused(status: string): Opening {
  const body = `${status}: the AMPS TCP transport of a Shunt sandbox\n`;
  const head = `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close`;
  return { kind: "refused", reply: `${head}\r\n\r\n${body}` };
}
