/** Header lists for the backend's leg and back: hop-by-hop lines removed, forwarding lines set, prefixes put back. */
import type { IncomingMessage } from "node:http";

/** A message's lines: name and value in turns as they came, and by name. */
export interface HeaderFacts {
  readonly rawHeaders: readonly string[];
  readonly headers: Readonly<IncomingMessage["headers"]>;
}

/** Meant for one hop only (RFC 9110 section 7.6.1), and what a client may not say of itself. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "upgrade",
  "http2-settings",
]);
const ours = new Set([
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-server",
  "x-forwarded-proto",
  "x-forwarded-prefix",
]);
/** Never removed because a Connection line names them: framing and routing depend on them. */
const fixed = new Set(["host", "content-length", "transfer-encoding"]);

export type HeaderList = string[];

/** A message's header lines as `[name, value]`, in order and as spelled. */
export function headerLines(
  message: Pick<HeaderFacts, "rawHeaders">,
): readonly (readonly [string, string])[] {
  const lines: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    lines.push([message.rawHeaders[at] ?? "", message.rawHeaders[at + 1] ?? ""]);
  }
  return lines;
}

function namedByConnection(message: HeaderFacts): ReadonlySet<string> {
  const named = (message.headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  return new Set(named.filter((name) => name !== "" && !fixed.has(name)));
}

/** A whole head: its first line, and the lines of a list. */
export function headBytes(firstLine: string, list: HeaderList): Buffer {
  let text = `${firstLine}\r\n`;
  for (let at = 0; at + 1 < list.length; at += 2) text += `${list[at]}: ${list[at + 1]}\r\n`;
  return Buffer.from(`${text}\r\n`, "latin1");
}

interface ForwardedFor {
  /** The backend's `host:port` for the Host line; null keeps the client's. */
  readonly authority: string | null;
  /** Null on port routes, which add nothing. */
  readonly prefix: string | null;
  readonly client: string;
  readonly proto: "http" | "https";
}

/** The request's lines for the backend, framing untouched, with the AMPS guide's forwarding lines on path routes. */
export function requestHeaders(request: HeaderFacts, forwarded: ForwardedFor, upgrade: boolean): HeaderList {
  const dropped = namedByConnection(request);
  const list: HeaderList = [];
  for (const [name, value] of headerLines(request)) {
    const key = name.toLowerCase();
    if (upgrade && (key === "connection" || key === "upgrade")) list.push(name, value);
    else if (hopByHop.has(key) || dropped.has(key) || ours.has(key)) continue;
    else if (key === "host") list.push(name, forwarded.authority ?? value);
    else list.push(name, value);
  }
  if (forwarded.prefix !== null) {
    const host = request.headers.host ?? "";
    const server = host.replace(/:\d+$/, "");
    list.push("X-Forwarded-For", forwarded.client, "X-Forwarded-Host", host, "X-Forwarded-Server", server);
    list.push("X-Forwarded-Proto", forwarded.proto, "X-Forwarded-Prefix", forwarded.prefix);
  }
  return list;
}

export interface PrefixRewrite {
  /** The route's prefix; `/` rewrites nothing. */
  readonly prefix: string;
  /** The backend's own `host:port`, which redirects may name. */
  readonly authority: string;
}

/** The response's lines for the client: redirects and cookie paths get the prefix back where one was stripped. */
export function responseHeaders(response: HeaderFacts, rewrite: PrefixRewrite | null): HeaderList {
  const dropped = namedByConnection(response);
  const list: HeaderList = [];
  for (const [name, value] of headerLines(response)) {
    const key = name.toLowerCase();
    if (hopByHop.has(key) || dropped.has(key) || key === "transfer-encoding") continue;
    if (rewrite && key === "location") list.push(name, prefixLocation(value, rewrite));
    else if (rewrite && key === "set-cookie") list.push(name, prefixCookie(value, rewrite.prefix));
    else list.push(name, value);
  }
  return list;
}

/** `/x`, `//backend:8085/x` and `http://backend:8085/x` become `/prefix/x`; relative and foreign locations stay. */
export function prefixLocation(location: string, { prefix, authority }: PrefixRewrite): string {
  if (prefix === "/") return location;
  const absolute = /^(https?:)?\/\/([^/?#]+)(.*)$/i.exec(location);
  if (absolute) {
    const [, scheme = "", named = "", rest = ""] = absolute;
    if (!isSameAuthority(named, authority, scheme)) return location;
    return `${prefix}${rest.startsWith("/") ? "" : "/"}${rest}`;
  }
  return location.startsWith("/") ? `${prefix}${location}` : location;
}

/** `backend` names `backend:80` too where the scheme's own port is left out. */
function isSameAuthority(named: string, authority: string, scheme: string): boolean {
  const port = { "http:": ":80", "https:": ":443" }[scheme.toLowerCase()];
  const whole = /:\d+$/.test(named) || port === undefined ? named : `${named}${port}`;
  return whole.toLowerCase() === authority.toLowerCase();
}

/** Keeps two backends on one host from overwriting each other's cookies: `Path=/` becomes `Path=/prefix/`. */
export function prefixCookie(cookie: string, prefix: string): string {
  if (prefix === "/") return cookie;
  return cookie.replace(
    /(;\s*path\s*=\s*)(\/[^;]*)/gi,
    (_, name: string, path: string) => `${name}${prefix}${path}`,
  );
}
