import { describe, expect, test } from "vitest";
import { isUnder, pathOf, stripPrefix, targetProblem } from "../../app/http/request-target.ts";

describe("a target that reads in one way only passes:", () => {
  test.each([
    "/",
    "/amps",
    "/amps/json",
    "/prod-1/amps/json",
    "/prod-1/amps/json?http_preflight=true",
    "/amps/instance/clients/AMPS-A-tcp-1-212422.json",
    "/amps/instance/memory.json?t0=20250101T000000&t1=20250101T010000",
    "/amps/administrator/authorization/entitlement/transport/amps-admin/check.json?path=/amps/administrator/clients/1/disconnect",
    "/amps/instance/sow/order%20book.json",
    "/a.b/..c/d..e/.hidden",
    "/a?next=/../b",
    "/a?x=%2e%2e%2f%00",
    "/a?x=\\y",
    "/a?b?c",
    "/a;jsessionid=1",
    "/caf%C3%A9",
    "/a//b",
  ])("%s", (target) => {
    expect(targetProblem(target)).toBeNull();
  });
});

describe("a target that could be read in two ways is refused:", () => {
  test.each([
    ["", "is not a path"],
    ["*", "is not a path"],
    ["amps/json", "is not a path"],
    ["http://evil.example/amps", "is not a path"],
    ["//evil.example/amps", "begins with two slashes"],
    ["/a#b", "has a fragment"],
    ["/a?b#c", "has a fragment"],
    ["/a\\b", "has a backslash"],
    ["\\\\evil", "is not a path"],
    ["/a b", "has a blank, control or non-ASCII character"],
    ["/a?b c", "has a blank, control or non-ASCII character"],
    ["/a\tb", "has a blank, control or non-ASCII character"],
    ["/a\u0000", "has a blank, control or non-ASCII character"],
    ["/a\r\nX: y", "has a blank, control or non-ASCII character"],
    ["/é", "has a blank, control or non-ASCII character"],
    ["/a%", "has a percent sign that encodes nothing"],
    ["/a%zz", "has a percent sign that encodes nothing"],
    ["/a%2", "has a percent sign that encodes nothing"],
    ["/a%u002f", "has a percent sign that encodes nothing"],
    ["/a/../b", "has a dot segment"],
    ["/..", "has a dot segment"],
    ["/a/.", "has a dot segment"],
    ["/./a", "has a dot segment"],
    ["/a/..;/b", "has a dot segment"],
    ["/a/..;x=1", "has a dot segment"],
    ["/a/../b?c", "has a dot segment"],
  ])("%j", (target, problem) => {
    expect(targetProblem(target)).toBe(problem);
  });

  test.each([
    "%2f",
    "%2F",
    "%5c",
    "%5C",
    "%00",
    "%0d",
    "%0A",
    "%2e",
    "%2E",
    "%25",
    "%252f",
    "%2e%2e",
    "%2e.",
  ])("/a%s", (encoded) => {
    for (const target of [`/a${encoded}b`, `/${encoded}`, `/a/${encoded}/b`])
      expect(targetProblem(target)).toBe("encodes a slash, dot, percent sign, line break or NUL");
  });
});

test("the path ends at the first question mark", () => {
  expect(pathOf("/a/b?c?d=/e")).toBe("/a/b");
  expect(pathOf("/a/b")).toBe("/a/b");
});

test.each([
  ["/a", "/a", true],
  ["/a/", "/a", true],
  ["/a/b", "/a", true],
  ["/ab", "/a", false],
  ["/a-b", "/a", false],
  ["/A/b", "/a", false],
  ["/", "/a", false],
  ["/anything", "/", true],
])("%s is under %s: %s", (path, prefix, expected) => {
  expect(isUnder(path, prefix)).toBe(expected);
});

test.each([
  ["/p/a/b?c=/p", "/p", "/a/b?c=/p"],
  ["/p/", "/p", "/"],
  ["/p", "/p", "/"],
  ["/p?x", "/p", "/?x"],
  ["/p/%41/..;x", "/p", "/%41/..;x"],
  ["/p/p/a", "/p", "/p/a"],
  ["/a", "/", "/a"],
])("%s without %s is %s, byte for byte", (target, prefix, expected) => {
  expect(stripPrefix(target, prefix)).toBe(expected);
});
