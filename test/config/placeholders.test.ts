import { describe, expect, test } from "vitest";
import { parseConfig } from "../../app/config/parse-config.ts";
import { asLine, problemsOf, withBackend } from "./documents.ts";

describe("placeholders", () => {
  const document = withBackend({ amps: "tcp://${AMPS_HOST}:${AMPS_PORT}", note: "${AMPS_HOST}" });

  test("take the environment's values to run, and are kept to be saved", () => {
    const parsed = parseConfig(document, { AMPS_HOST: "h.example", AMPS_PORT: "9007" });
    expect(parsed.ok && parsed.value.resolved.backends[0]).toMatchObject({
      amps: "tcp://h.example:9007",
      note: "h.example",
    });
    expect(parsed.ok && parsed.value.document).toEqual(document);
  });

  test("that are not set are problems at their paths, and leave the document whole", () => {
    const parsed = parseConfig(document, { AMPS_PORT: "9007" });
    expect(parsed.ok ? [] : parsed.problems.map(asLine)).toEqual([
      "backends[0].amps: ${AMPS_HOST}: the environment variable AMPS_HOST is not set",
      "backends[0].note: ${AMPS_HOST}: the environment variable AMPS_HOST is not set",
    ]);
    expect(!parsed.ok && parsed.document).toEqual(document);
  });

  test("that are not set do not hide what is wrong with the rest", () => {
    const parsed = parseConfig({ ...(document as object), extra: 1 }, {});
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.path)).toContain("extra");
    expect(!parsed.ok && parsed.document).toBeNull();
  });

  test.each([
    ["a list", { version: 1, routes: "${X}" }],
    ["a route", { version: 1, routes: ["${X}"] }],
    ["a switch", withBackend({ drained: "${X}" })],
  ])("cannot stand for %s, set or not", (_what, bad) => {
    for (const env of [{}, { X: "true" }]) {
      const parsed = parseConfig(bad, env);
      expect(parsed).toMatchObject({ ok: false, document: null });
    }
  });

  test("are replaced once: a value that looks like a placeholder stays as it is", () => {
    const parsed = parseConfig(withBackend({ note: "${ONE}" }), { ONE: "${TWO}", TWO: "no" });
    expect(parsed.ok && parsed.value.resolved.backends[0]?.note).toBe("${TWO}");
  });

  test("do not take what every object has by nature", () => {
    expect(problemsOf(withBackend({ note: "${constructor}" }))).toEqual([
      "backends[0].note: ${constructor}: the environment variable constructor is not set",
    ]);
  });

  test("whose value does not fit are told like any other value", () => {
    expect(problemsOf(document, { AMPS_HOST: "h", AMPS_PORT: "99999" })).toEqual([
      expect.stringMatching(/^backends\[0\]\.amps: "tcp:\/\/h:99999" is not the URL/),
    ]);
  });
});
