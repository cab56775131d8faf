/** Path routes: what a request head may not be. Node's parser refuses some, the edge the others. */
import { describe, expect, test } from "vitest";
import { exchange, get } from "../support/raw-http.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { plainSecretOf, secretOf } from "../support/suite-secrets.ts";
import { setUpPaths } from "./path-set-up.ts";

cleanUpAfterEach();

const inUrl = encodeURIComponent;
const credentials = [
  `Authorization: Basic ${Buffer.from(`ops:${secretOf("Authorization")}`).toString("base64")}`,
  `Cookie: session=${plainSecretOf("cookie")}`,
];

describe("refused with 400, and the backend sees nothing", () => {
  const heads: readonly (readonly [string, string])[] = [
    ["dot segments", get(`/prod-1/../x?to=${inUrl(`http://ops:${inUrl(secretOf("nested URL"))}@host/`)}`)],
    ["encoded dots", get("/prod-1/%2e%2e/x")],
    ["an encoded slash", get("/prod-1/a%2fb")],
    ["an encoded backslash", get("/prod-1/a%5Cb")],
    ["a backslash", get("/prod-1\\x")],
    ["NUL", get("/prod-1/%00")],
    ["a line break", get("/prod-1/%0d%0aX:y")],
    ["a fragment", get(`/prod-1/?password=${inUrl(secretOf("URL parameter"))}#x`)],
    ["two slashes first", get("//prod-1/")],
    ["an absolute target", get(`http://ops:${inUrl(secretOf("URL user info"))}@127.0.0.1/prod-1/`)],
    ["an asterisk", get("*")],
    ["two Host headers", get("/prod-1/", ["Host: evil.example"])],
    ["an empty Host", get("/prod-1/").replace("127.0.0.1:{port}", "")],
    ["a Host with a path", get("/prod-1/").replace("127.0.0.1:{port}", "x/../y")],
    [
      "a Host with user information",
      get("/prod-1/").replace("127.0.0.1", `user:${plainSecretOf("URL user info")}@127.0.0.1`),
    ],
    [
      "length and chunks",
      get("/prod-1/", [...credentials, "Content-Length: 3", "Transfer-Encoding: chunked"]),
    ],
    ["two lengths", get("/prod-1/", ["Content-Length: 3", "Content-Length: 4"])],
    ["a bare line feed", "GET /prod-1/ HTTP/1.1\nHost: 127.0.0.1\n\n"],
    ["no request at all", "\u0000\u0001\u0002\u0003garbage\r\n\r\n"],
    ["an AMPS frame", '\u0000\u0000\u0000\u0011{"c":"heartbeat"}\r\n\r\n'],
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["CONNECT", "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"],
    [
      "chunks in HTTP/1.0",
      "POST /prod-1/ HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["h2c", get("/prod-1/", ["Upgrade: h2c"]).replace("Connection: close", "Connection: Upgrade")],
    [
      "an upgrade with a body",
      get("/prod-1/", ["Upgrade: tcp", "Content-Length: 3"]).replace(
        "Connection: close",
        "Connection: Upgrade",
      ),
    ],
    [
      "an upgrade by POST",
      get("/prod-1/", ["Upgrade: tcp"])
        .replace("Connection: close", "Connection: Upgrade")
        .replace("GET", "POST"),
    ],
  ];

  test.each(heads)("%s", async (_name, head) => {
    const { port, http, ws, tcp, route } = await setUpPaths();
    for (const pieces of [[head], head.split(/(?<=\r\n)/), [...head]]) {
      const answer = await exchange(
        port,
        head,
        pieces.length > 200 ? [head.slice(0, 9), head.slice(9)] : pieces,
      );
      expect(answer.status).toBe(400);
    }
    expect(http.requests).toEqual([]);
    expect(ws.totals().received + tcp.totals().received).toBe(0);
    expect((await route("p1")).connections.open).toBe(0);
  });

  test("more than 100 header lines, or more than 16 KB of them, are 431", async () => {
    const { port, http } = await setUpPaths();
    const lines = Array.from({ length: 1_100 }, (_, at) => `X-${at}: y`);
    expect((await exchange(port, get("/prod-1/", lines))).status).toBe(431);
    expect((await exchange(port, get("/prod-1/", [`X: ${"y".repeat(17_000)}`]))).status).toBe(431);
    expect(http.requests).toEqual([]);
  });
});
