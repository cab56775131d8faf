import { describe, expect, test } from "vitest";
import { findSecrets } from "../support/secret-search.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { pathRoute, portRoute, problemsOf, whole, withBackend, withRoutes } from "./documents.ts";

describe("a value is refused at its path:", () => {
  test.each<readonly [string, readonly unknown[], string]>([
    ["an empty one", ["emea", ""], "[1]: is empty; use 1 to 40 characters"],
    ["one with a space", ["two words"], '[0]: "two words" is not a tag'],
    ["one with a comma", ["a,b"], '[0]: "a,b" is not a tag'],
    ["one with a control character", ["a\u0007"], '[0]: "a\\u0007" is not a tag'],
    ["one that turns the reading direction round", ["a\u202eb"], "[0]: "],
    ["one that is too long", ["x".repeat(41)], "[0]: "],
    ["one that is there already", ["emea", "EMEA"], '[1]: "EMEA" is there twice'],
    ["more than sixteen", Array.from({ length: 17 }, (_, at) => `t${at}`), ": "],
  ])("tags with %s", (_what, tags, problem) => {
    const [found, ...others] = problemsOf(withRoutes({ ...portRoute, tags }));
    expect(found).toContain(`routes[0].tags${problem}`);
    expect(others).toEqual([]);
    expect(problemsOf(withBackend({ tags }))[0]).toContain(`backends[0].tags${problem}`);
  });

  test.each([
    "",
    "host",
    "host:",
    ":9007",
    "0",
    "65536",
    0,
    65536,
    9007.5,
    -1,
    "127.1:9007",
    "1.2.3:9007",
    "::1:9007",
    "[::1]",
    "[::g]:1",
    "a b:1",
    "http://h:1",
    true,
    null,
    {},
  ])("the listen address %j", (listen) => {
    expect(problemsOf(withRoutes({ ...portRoute, listen }))).toEqual([
      expect.stringMatching(/^routes\[0\]\.listen: (.* is not an address|is empty; write)/),
    ]);
  });

  test.each([
    ["amps", "ws://h:1"],
    ["amps", "tcp://h"],
    ["amps", "h:1"],
    ["amps", "TCP://h:1"],
    ["amps", "tcp://user:pw@h:1"],
    ["amps", "tcp://h:1/amps/json"],
    ["websocket", "http://h:1"],
    ["admin", "ws://h:1"],
    ["admin", "http://h:1?x"],
    ["replication", "http://h:1"],
    ["admin", "constructor://h:1"],
  ])("the %s endpoint %s", (kind, url) => {
    expect(problemsOf(withBackend({ [kind]: url }))).toEqual([
      expect.stringMatching(
        new RegExp(`^backends\\[0\\]\\.${kind}: .* is not the URL of a backend's ${kind} endpoint`),
      ),
    ]);
  });

  test.each([
    (secret: string) => `tcp://ops:${encodeURIComponent(secret)}@h:1`,
    // As somebody types it, which no URL may hold.
    (secret: string) => `tcp://ops:${secret}@h:1`,
    (secret: string) => `http://h:1/?password=${encodeURIComponent(secret)}`,
  ])("a URL with a credential, without quoting it (%#)", (url) => {
    const problems = problemsOf(withBackend({ amps: url(secretOf("URL user info")) }));
    expect(problems).toEqual([expect.stringContaining("is not the URL of a backend's amps endpoint")]);
    expect(findSecrets({ problems: problems.join() })).toEqual([]);
  });

  test.each([
    "",
    "a",
    "/a/",
    "//a",
    "/a//b",
    "/a b",
    "/a%2fb",
    "/a?b",
    "/a#b",
    "/../a",
    "/a/.",
    "/a\\b",
    "/ä",
  ])("the path %j", (path) => {
    expect(problemsOf(withRoutes({ ...pathRoute, path }))).toEqual([
      expect.stringMatching(/^routes\[0\]\.path: /),
    ]);
  });

  test.each(["", "A", "-a", "a_b", "a".repeat(64), "a b", "ä", "constructor ", "__proto__"])(
    "the id %j",
    (id) => {
      expect(problemsOf(withRoutes({ ...portRoute, id }))).toEqual([
        expect.stringMatching(/^routes\[0\]\.id: (.* is not an id|is empty; use 1)/),
      ]);
    },
  );

  test.each([
    [2, "version: 2 is newer than this Shunt, which reads version 1; update Shunt to use this file"],
    [0, 'version: 0 is not a version this Shunt reads; write "version": 1'],
    ["1", 'version: "1" is not a version this Shunt reads; write "version": 1'],
    [undefined, 'version: nothing is not a version this Shunt reads; write "version": 1'],
  ])("the version %j", (version, expected) => {
    expect(problemsOf({ ...whole, version })).toEqual([expected]);
  });

  test.each([null, 1, "x", [], [whole]])("a document that is %j", (document) => {
    expect(problemsOf(document)).toEqual([expect.stringMatching(/^\(document\): .* is not a configuration/)]);
  });
});
