/** What is taken at a glance, and what is left to Node's parser. */
import { describe, expect, test } from "vitest";
import { readPlainHead } from "../../app/http/plain-head.ts";

function read(first: string, ...lines: readonly string[]) {
  return readPlainHead(Buffer.from([first, ...lines, "", ""].join("\r\n"), "latin1"));
}

const host = "Host: h:1";
const get = "GET /p/x HTTP/1.1";
const upgrade = ["Connection: Upgrade", "Upgrade: tcp"];

describe("taken", () => {
  test.each<readonly [string, readonly string[], object]>([
    ["a GET", [get, host], { isUpgrade: false, keepsAlive: true }],
    ["a HEAD", ["HEAD / HTTP/1.1", host], { request: { method: "HEAD", url: "/" } }],
    ["one that is the last", [get, host, "Connection: close"], { keepsAlive: false }],
    ["an upgrade", [get, host, ...upgrade], { isUpgrade: true }],
    [
      "an upgrade of Firefox",
      [get, host, "connection: keep-alive, Upgrade", "upgrade: websocket"],
      { isUpgrade: true },
    ],
    ["a line of any name twice", [get, host, "Cookie: a=1", "Cookie: b=2"], { isUpgrade: false }],
  ])("%s", (_name, [first = "", ...lines], expected) => {
    expect(read(first, ...lines)).toMatchObject(expected);
  });

  test("with its lines as they came, and the end of the head", () => {
    const bytes = Buffer.from(`${get}\r\n${host}\r\nX-a: \t\u00e9 \r\n\r\nGET`, "latin1");
    expect(readPlainHead(bytes)).toMatchObject({
      request: { url: "/p/x", headers: { host: "h:1" }, rawHeaders: ["Host", "h:1", "X-a", "\u00e9"] },
      end: bytes.length - 3,
    });
  });
});

describe("left to Node's parser", () => {
  test.each<readonly [string, readonly string[]]>([
    ["another method", ["POST /p/x HTTP/1.1", host]],
    ["another version", ["GET /p/x HTTP/1.0", host]],
    ["a blank too many", ["GET  /p/x HTTP/1.1", host]],
    ["a tab in the target", ["GET /p/\tx HTTP/1.1", host]],
    ["a target beyond ASCII", ["GET /\u00e9 HTTP/1.1", host]],
    ["a body by length", [get, host, "Content-Length: 0"]],
    ["a body in chunks", [get, host, "transfer-encoding: chunked"]],
    ["an expectation", [get, host, "Expect: 100-continue"]],
    ["no Host", [get, "X: y"]],
    ["two Hosts", [get, host, host]],
    ["two Origins", [get, host, "Origin: http://a", "Origin: http://b"]],
    ["two Connections", [get, host, "Connection: close", "Connection: keep-alive"]],
    ["two Upgrades", [get, host, ...upgrade, "Upgrade: h2c"]],
    ["an Upgrade that the connection does not name", [get, host, "Upgrade: tcp"]],
    ["a connection that names an Upgrade that is not there", [get, host, "Connection: Upgrade"]],
    ["a connection that names other lines", [get, host, "Connection: close, X-a", "X-a: b"]],
    [
      "an upgrade with settings of HTTP/2",
      [get, host, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"],
    ],
    ["a line without a colon", [get, host, "X"]],
    ["a blank before a colon", [get, host, "X : y"]],
    ["a folded line", [get, host, "X: y", " z"]],
    ["a NUL", [get, host, "X: \u0000"]],
    ["a bare line feed", [get, `${host}\nX: y`]],
    ["a bare carriage return", [get, `${host}\rX: y`]],
    ["more than 100 lines", [get, host, ...Array.from({ length: 100 }, (_, at) => `X-${at}: y`)]],
    ["more than 16 KB", [get, host, `X: ${"y".repeat(17_000)}`]],
  ])("%s", (_name, [first = "", ...lines]) => {
    expect(read(first, ...lines)).toBeNull();
  });

  test("a head that is not whole", () => {
    const bytes = Buffer.from(`${get}\r\n${host}\r\n\r\n`);
    for (let end = 0; end < bytes.length; end++) expect(readPlainHead(bytes.subarray(0, end))).toBeNull();
    expect(readPlainHead(bytes)).not.toBeNull();
  });
});
