/** What Shunt itself answers on HTTP listeners: short, readable, and marked as its own. */
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Failure, FailureCode } from "../contract/failures.ts";

const statusOf: Partial<Record<FailureCode, readonly [number, string]>> = {
  BAD_REQUEST: [400, "Bad Request"],
  UNKNOWN_PATH: [404, "Not Found"],
  ENDPOINT_MISSING: [404, "Not Found"],
  FOREIGN_HOST: [421, "Misdirected Request"],
  FOREIGN_ORIGIN: [403, "Forbidden"],
  READ_ONLY: [403, "Forbidden"],
  UNKNOWN_TARGET: [403, "Forbidden"],
  NOT_A_WEBSOCKET: [400, "Bad Request"],
  REQUEST_TOO_LARGE: [431, "Request Header Fields Too Large"],
  REQUEST_TIMEOUT: [408, "Request Timeout"],
  BACKEND_DRAINED: [503, "Service Unavailable"],
  NO_MEMBER_UP: [503, "Service Unavailable"],
  ROUTE_HELD: [503, "Service Unavailable"],
  OUT_OF_DESCRIPTORS: [503, "Service Unavailable"],
  CONNECT_TIMEOUT: [504, "Gateway Timeout"],
  BACKEND_TIMEOUT: [504, "Gateway Timeout"],
};

/** The HTTP status of a failure; what is not the client's doing is 502. */
export function httpStatus(failure: Failure): readonly [number, string] {
  return statusOf[failure.code] ?? [502, "Bad Gateway"];
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
};

/** A page that says what went wrong and what to do. `list` adds lines, such as the known prefixes. */
export function failurePage(failure: Failure, list: readonly string[] = []): string {
  const [status, phrase] = httpStatus(failure);
  const items = list.map((item) => `<li><a href="${escapeHtml(item)}">${escapeHtml(item)}</a></li>`).join("");
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${status} ${phrase} · Shunt</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1.5rem}code{font-size:.9em;opacity:.75}</style>
<h1>${status} ${phrase}</h1>
<p>${escapeHtml(failure.message)}</p>
<p>${escapeHtml(failure.advice)}</p>
${items === "" ? "" : `<p>Known here:</p><ul>${items}</ul>\n`}<p><code>Shunt · ${failure.code}</code></p>
</html>
`;
}

function failureHead(failure: Failure, body: Buffer) {
  return {
    ...headers,
    "Content-Length": body.length,
    "X-Shunt-Error": failure.code,
    Connection: "close",
  };
}

export function answerFailure(
  response: ServerResponse,
  failure: Failure,
  list: readonly string[] = [],
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(failurePage(failure, list));
  response.writeHead(...httpStatus(failure), failureHead(failure, body));
  response.end(body);
}

/** The same page with its head, as bytes. */
export function failureAnswer(failure: Failure): Buffer {
  const body = Buffer.from(failurePage(failure));
  const lines = Object.entries(failureHead(failure, body)).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${httpStatus(failure).join(" ")}\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** In plain text, for those who asked for an upgrade. */
export function rawFailure(failure: Failure): string {
  const [status, phrase] = httpStatus(failure);
  const body = `${failure.message} ${failure.advice}\n`;
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${length}\r\nX-Shunt-Error: ${failure.code}\r\nConnection: close\r\n\r\n${body}`;
}

const lingerMs = 30_000;

/**
 * Says the last and waits for the client's end, within limits: closed with anything of the client's unread, the connection
 * would be reset, and the answer perhaps be lost on the way.
 */
export function sayLast(client: Duplex, answer: string | Buffer = ""): void {
  client.end(answer);
  client.resume();
  const timer = setTimeout(() => client.destroy(), lingerMs).unref();
  client.on("close", () => clearTimeout(timer));
}
