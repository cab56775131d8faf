/** What the forward proxy itself says, readable for people and visible to the pages that poll. */
import type { ServerResponse } from "node:http";
import type { Failure } from "../contract/failures.ts";
import { answerFailure, rawFailure } from "../http/answers.ts";
import { realm } from "./proxy-credential.ts";

/** A page that polls a peer sees the status, not an opaque failure. */
const readableByPages = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "X-Shunt-Error",
};

export function answerProxyFailure(response: ServerResponse, reason: Failure): void {
  if (!response.headersSent)
    for (const [name, value] of Object.entries(readableByPages)) response.setHeader(name, value);
  answerFailure(response, reason);
}

const loginText = "Shunt's forward proxy is for one Galvanometer; its user and password come with it.\n";

export function answerLogin(response: ServerResponse): void {
  response.writeHead(407, "Proxy Authentication Required", {
    "Proxy-Authenticate": `Basic realm="${realm}"`,
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(loginText),
  });
  response.end(loginText);
}

export const rawLogin = `HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="${realm}"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
export const rawTunnel = "HTTP/1.1 200 Connection Established\r\n\r\n";
export const rawProxyFailure = rawFailure;
