import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import {
  prefixCookie,
  prefixLocation,
  requestHeaders,
  responseHeaders,
} from "../../app/http/forwarded-headers.ts";

/** A message with these lines, as Node hands them over: raw as they came, and joined by name. */
function message(...lines: readonly (readonly [string, string])[]): IncomingMessage {
  const headers: Record<string, string> = {};
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return { rawHeaders: lines.flat(), headers } as unknown as IncomingMessage;
}

function pairs(list: readonly string[]): readonly string[] {
  return list.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${list[at + 1]}`] : []));
}

const onPath = {
  authority: "amps-prod-1:8085",
  prefix: "/prod-1",
  client: "127.0.0.1",
  proto: "http",
} as const;
const onPort = { authority: null, prefix: null, client: "127.0.0.1", proto: "http" } as const;
const host = ["Host", "127.0.0.1:8080"] as const;

describe("a request for the backend", () => {
  test("on a path route names the backend, and says what it came as", () => {
    const list = requestHeaders(message(host, ["Accept", "*/*"]), onPath, false);
    expect(pairs(list)).toEqual([
      "Host: amps-prod-1:8085",
      "Accept: */*",
      "X-Forwarded-For: 127.0.0.1",
      "X-Forwarded-Host: 127.0.0.1:8080",
      "X-Forwarded-Server: 127.0.0.1",
      "X-Forwarded-Proto: http",
      "X-Forwarded-Prefix: /prod-1",
    ]);
  });

  test("on a port route keeps its lines, in order and as spelled", () => {
    const lines = [
      host,
      ["X-b", "1"],
      ["COOKIE", "a=b"],
      ["x-B", "2"],
      ["Authorization", "Basic eA=="],
    ] as const;
    expect(pairs(requestHeaders(message(...lines), onPort, false))).toEqual(
      lines.map(([name, value]) => `${name}: ${value}`),
    );
  });

  test("says nothing that the client claims of where it comes from", () => {
    const claimed = ["For", "Host", "Server", "Proto", "Prefix"].map(
      (end) => [`x-forwarded-${end}`, "forged"] as const,
    );
    const list = requestHeaders(message(host, ...claimed), onPath, false);
    expect(list).not.toContain("forged");
    expect(pairs(requestHeaders(message(host, ...claimed), onPort, false))).toEqual(["Host: 127.0.0.1:8080"]);
  });

  test.each([
    ["Connection", "keep-alive"],
    ["Keep-Alive", "timeout=5"],
    ["Proxy-Connection", "keep-alive"],
    ["Proxy-Authorization", "Basic c2VjcmV0"],
    ["Proxy-Authenticate", "Basic"],
    ["TE", "trailers"],
    ["Trailer", "X-Sum"],
    ["Upgrade", "h2c"],
    ["HTTP2-Settings", "AAMAAABkAAQAAP__"],
  ])("has no %s, which was meant for one hop", (name, value) => {
    expect(pairs(requestHeaders(message(host, [name, value]), onPort, false))).toEqual([
      "Host: 127.0.0.1:8080",
    ]);
  });

  test("loses what its Connection lines name, wherever they are", () => {
    const list = requestHeaders(
      message(
        ["X-One", "1"],
        host,
        ["Connection", "close, X-one"],
        ["x-two", "2"],
        ["connection", "X-TWO ,, x-three"],
        ["X-Four", "4"],
      ),
      onPort,
      false,
    );
    expect(pairs(list)).toEqual(["Host: 127.0.0.1:8080", "X-Four: 4"]);
  });

  test("never loses what frames or routes it, whatever its Connection line names", () => {
    const fixed = [host, ["Content-Length", "5"], ["Transfer-Encoding", "chunked"]] as const;
    const list = requestHeaders(
      message(["Connection", "host, content-length, TRANSFER-ENCODING"], ...fixed),
      onPort,
      false,
    );
    expect(pairs(list)).toEqual(fixed.map(([name, value]) => `${name}: ${value}`));
  });

  test("keeps Connection and Upgrade where it asks for an upgrade, and nothing else of one hop", () => {
    const list = requestHeaders(
      message(
        host,
        ["Connection", "Upgrade, HTTP2-Settings"],
        ["Upgrade", "websocket"],
        ["HTTP2-Settings", "x"],
        ["Sec-WebSocket-Key", "k"],
      ),
      onPort,
      true,
    );
    expect(pairs(list)).toEqual([
      "Host: 127.0.0.1:8080",
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: websocket",
      "Sec-WebSocket-Key: k",
    ]);
  });

  test("names the server of an IPv6 Host with its brackets", () => {
    const list = requestHeaders(message(["Host", "[::1]:8080"]), onPath, false);
    expect(pairs(list)).toContain("X-Forwarded-Server: [::1]");
  });
});

describe("a response for the client", () => {
  const rewrite = { prefix: "/prod-1", authority: "amps-prod-1:8085" };

  test("keeps its lines, without those of one hop and without framing that Node sets anew", () => {
    const list = responseHeaders(
      message(
        ["Content-Type", "text/html"],
        ["Connection", "close, X-Hop"],
        ["X-Hop", "1"],
        ["Transfer-Encoding", "chunked"],
        ["Keep-Alive", "x"],
        ["Set-Cookie", "a=1; Path=/"],
        ["Set-Cookie", "b=2"],
      ),
      null,
    );
    expect(pairs(list)).toEqual(["Content-Type: text/html", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2"]);
  });

  test("keeps its length even if its Connection line names it", () => {
    const list = responseHeaders(message(["Connection", "content-length"], ["Content-Length", "5"]), null);
    expect(pairs(list)).toEqual(["Content-Length: 5"]);
  });

  test("gets the prefix back in its redirect and its cookies", () => {
    const list = responseHeaders(
      message(["Location", "/login"], ["Set-Cookie", "s=1; Path=/; HttpOnly"], ["X", "/login"]),
      rewrite,
    );
    expect(pairs(list)).toEqual([
      "Location: /prod-1/login",
      "Set-Cookie: s=1; Path=/prod-1/; HttpOnly",
      "X: /login",
    ]);
  });

  test.each([
    ["/", "/prod-1/"],
    ["/x?y#z", "/prod-1/x?y#z"],
    ["http://amps-prod-1:8085/x", "/prod-1/x"],
    ["http://AMPS-PROD-1:8085", "/prod-1/"],
    ["http://amps-prod-1:8085?x", "/prod-1/?x"],
    ["//amps-prod-1:8085/x", "/prod-1/x"],
    ["//elsewhere.example/x", "//elsewhere.example/x"],
    ["http://elsewhere.example:8085/x", "http://elsewhere.example:8085/x"],
    ["http://amps-prod-1:8086/x", "http://amps-prod-1:8086/x"],
    ["http://amps-prod-1/x", "http://amps-prod-1/x"],
    ["http://amps-prod-1:8085.evil.com/x", "http://amps-prod-1:8085.evil.com/x"],
    ["next", "next"],
    ["../up", "../up"],
    ["?page=2", "?page=2"],
    ["", ""],
  ])("redirects to %j as %j", (location, expected) => {
    expect(prefixLocation(location, rewrite)).toBe(expected);
  });

  test.each([
    ["http://amps:80", "amps:80", "/p/"],
    ["http://amps/x", "amps:80", "/p/x"],
    ["https://amps/x", "amps:443", "/p/x"],
    ["https://amps/x", "amps:80", "https://amps/x"],
  ])("redirects to %s of %s as %s: a scheme's own port may be left out", (location, authority, expected) => {
    expect(prefixLocation(location, { prefix: "/p", authority })).toBe(expected);
  });

  test.each([
    ["s=1; Path=/", "s=1; Path=/prod-1/"],
    ["s=1;path=/amps;Secure", "s=1;path=/prod-1/amps;Secure"],
    ["s=1; Path = /x", "s=1; Path = /prod-1/x"],
    ["s=1; Path=/a; Path=/", "s=1; Path=/prod-1/a; Path=/prod-1/"],
    ["s=1; HttpOnly", "s=1; HttpOnly"],
    ["s=1; Path=", "s=1; Path="],
    ["path=/x; HttpOnly", "path=/x; HttpOnly"],
  ])("sets the cookie %j as %j", (cookie, expected) => {
    expect(prefixCookie(cookie, "/prod-1")).toBe(expected);
  });

  test("of a route on / is left as it is", () => {
    expect(prefixLocation("/x", { ...rewrite, prefix: "/" })).toBe("/x");
    expect(prefixCookie("s=1; Path=/", "/")).toBe("s=1; Path=/");
  });
});
