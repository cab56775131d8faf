import { describe, expect, test } from "vitest";
import { failurePage, httpStatus, rawFailure } from "../../app/http/answers.ts";
import { failure } from "../../app/failures.ts";

describe("a failure is answered with the status that says whose doing it was", () => {
  test.each([
    ["BAD_REQUEST", 400],
    ["READ_ONLY", 403],
    ["FOREIGN_ORIGIN", 403],
    ["UNKNOWN_PATH", 404],
    ["REQUEST_TIMEOUT", 408],
    ["FOREIGN_HOST", 421],
    ["REQUEST_TOO_LARGE", 431],
    ["ROUTE_HELD", 503],
    ["BACKEND_DRAINED", 503],
    ["OUT_OF_DESCRIPTORS", 503],
    ["CONNECT_TIMEOUT", 504],
    ["CONNECT_REFUSED", 502],
    ["NAME_NOT_FOUND", 502],
    ["BACKEND_ANSWER_INVALID", 502],
  ] as const)("%s: %i", (code, status) => {
    expect(httpStatus(failure(code, "x"))[0]).toBe(status);
  });
});

const hostile = failure("UNKNOWN_PATH", `No route has the path /<img src=x onerror=alert(1)>"'&.`);

test("a page shows a hostile path as text", () => {
  const page = failurePage(hostile, [`/"><script>alert(1)</script>/`]);
  expect(page).not.toMatch(/<img|<script/);
  expect(page).toContain("&#60;img src=x onerror=alert(1)&#62;&#34;&#39;&#38;.");
  expect(page).toContain(hostile.advice.replaceAll("'", "&#39;"));
});

test("a raw answer counts its bytes, not its characters, and closes", () => {
  const [head = "", body = ""] = rawFailure(failure("CONNECT_REFUSED", "Kein Anschluß: é")).split("\r\n\r\n");
  expect(head.split("\r\n")[0]).toBe("HTTP/1.1 502 Bad Gateway");
  expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
  expect(head).toContain("Connection: close");
  expect(head).toContain("X-Shunt-Error: CONNECT_REFUSED");
});
