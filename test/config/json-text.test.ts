import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJsonText } from "../../app/config/json-text.ts";
import { parseConfigText } from "../../app/config/parse-config.ts";
import { asLine } from "./documents.ts";

describe("text that is not JSON is told by line and column", () => {
  test.each([
    ["", "is not JSON: the file is empty"],
    ["  \n", "is not JSON: the file is empty"],
    ["abc", 'is not JSON: line 1, column 1: expected a value, found "a"'],
    ['{"version": x}', 'is not JSON: line 1, column 13: expected a value, found "x"'],
    ['{"version": 1,}', 'is not JSON: line 1, column 15: expected a quoted key, found "}"'],
    ['{\n  "a": [1, 2,]\n}', 'is not JSON: line 2, column 14: expected a value, found "]"'],
    ['{\n  "a": 1\n  "b": 2\n}', 'is not JSON: line 3, column 3: expected a comma or }, found "\\""'],
    ['{"a" 1}', 'is not JSON: line 1, column 6: expected a colon, found "1"'],
    ["{a: 1}", 'is not JSON: line 1, column 2: expected a quoted key or }, found "a"'],
    ['{"a": "x\ny"}', 'is not JSON: line 1, column 7: expected a whole string, found "\\""'],
    ['{"a": "\\x"}', 'is not JSON: line 1, column 7: expected a whole string, found "\\""'],
    ['{"a": 01}', 'is not JSON: line 1, column 8: expected a comma or }, found "1"'],
    ['{"a": 1', "is not JSON: line 1, column 8: expected a comma or }, the file ends here"],
    ['{"a": 1} x', 'is not JSON: line 1, column 10: expected nothing more, found "x"'],
    ['\uFEFF{"a": }', 'is not JSON: line 1, column 7: expected a value, found "}"'],
    ['{"a": 1} // why', 'is not JSON: line 1, column 10: expected nothing more, found "/"'],
    ["\u0000\u0000", 'is not JSON: line 1, column 1: expected a value, found "\\u0000"'],
  ])("%j", (text, message) => {
    const parsed = parseConfigText(text, {});
    expect(parsed.ok ? [] : parsed.problems).toEqual([{ path: "(document)", message }]);
  });
});

test("a byte order mark in front is no fault", () => {
  expect(parseConfigText('\uFEFF{"version": 1}', {}).ok).toBe(true);
});

test("a key that is written twice is a problem, since JSON would drop the first in silence", () => {
  const text = '{"version": 1, "routes": [], "backends": [{"id": "a", "\\u0069d": "b"}], "routes": []}';
  const parsed = parseConfigText(text, {});
  expect(parsed.ok ? [] : parsed.problems.map(asLine)).toEqual([
    "backends[0].id: is written twice; keep one of them",
    "routes: is written twice; keep one of them",
  ]);
});

test("equal keys in different objects are no fault", () => {
  expect(parseJsonText('[{"a":1},{"a":{"a":2}}]')).toEqual({ ok: true, value: [{ a: 1 }, { a: { a: 2 } }] });
});

test("the scanner agrees with JSON.parse on what is JSON, over arbitrary and mutated texts", () => {
  const agrees = (text: string): void => {
    let value: unknown;
    let isJson = true;
    try {
      value = JSON.parse(text);
    } catch {
      isJson = false;
    }
    const read = parseJsonText(text);
    const twice = !read.ok && read.problems.every((problem) => problem.message.includes("written twice"));
    if (isJson)
      expect(twice || (read.ok && Object.is(JSON.stringify(read.value), JSON.stringify(value)))).toBe(true);
    else expect(read.ok || twice).toBe(false);
  };
  const mutated = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom("", "{", "}", "[", "]", ",", ":", '"', "\\", "0", "-", ".", "e", " ", "\u0001"),
      fc.boolean(),
    )
    .map(([json, seed, piece, cut]) => {
      const at = seed % (json.length + 1);
      return cut ? json.slice(0, at) + piece : json.slice(0, at) + piece + json.slice(at);
    });
  fc.assert(fc.property(fc.oneof(mutated, fc.string(), fc.json()), agrees), { numRuns: 3_000 });
});

test("nesting of any depth neither exhausts the stack nor passes", () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  for (const text of [
    deep,
    `{"version":1,"routes":${deep}}`,
    `{"version":1,"x":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`,
  ]) {
    const parsed = parseConfigText(text, {});
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
  }
});
