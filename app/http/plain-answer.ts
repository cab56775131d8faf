/** What a client gets for a backend's answer to its plain request. Pure. */
import type { RouteConfig } from "../contract/config.ts";
import { rewriteOf } from "./admin-request.ts";
import { framingOf, type AnswerHead, type Framing } from "./answer-head.ts";
import { headBytes, responseHeaders } from "./forwarded-headers.ts";
import type { PathEntry } from "./path-table.ts";

export interface Answered {
  readonly head: AnswerHead;
  /** Of the request. */
  readonly method: string;
  readonly entry: PathEntry<RouteConfig>;
  /** The backend's own `host:port`. */
  readonly authority: string;
  /** The client may ask again. */
  readonly keepsAlive: boolean;
}

export interface PlainAnswer {
  /** The head for the client. */
  readonly bytes: Buffer;
  readonly framing: Framing;
  /** No other answer can follow it on the client's connection. */
  readonly isLast: boolean;
  /** The backend may be asked again on its connection. */
  readonly isLineKept: boolean;
}

/** Seconds that the client may wait before it asks again, which it is told. */
export const keepAliveSeconds = 65;

export function plainAnswer({ head, method, entry, authority, keepsAlive }: Answered): PlainAnswer {
  const framing = framingOf(head, method);
  const isLast = !keepsAlive || framing === "close";
  const lines = responseHeaders(head, rewriteOf(entry, authority));
  if (framing === "chunked") lines.push("Transfer-Encoding", "chunked");
  if (isLast) lines.push("Connection", "close");
  else lines.push("Connection", "keep-alive", "Keep-Alive", `timeout=${keepAliveSeconds}`);
  return {
    bytes: headBytes(`HTTP/1.1 ${head.status} ${head.reason}`, lines),
    framing,
    isLast,
    isLineKept: !head.isHttp10 && framing !== "close" && !/\bclose\b/i.test(head.headers.connection ?? ""),
  };
}
