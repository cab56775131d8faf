import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig, parseConfigText, type ParseResult } from "../../app/config/parse-config.ts";
import { designExample, whole } from "./documents.ts";

function expectTyped(parsed: ParseResult): void {
  if (parsed.ok) {
    expect(parsed.value.document.version).toBe(1);
    return;
  }
  expect(parsed.problems.length).toBeGreaterThan(0);
  for (const { path, message } of parsed.problems) {
    expect(path).not.toBe("");
    expect(message).not.toBe("");
    expect(message.length).toBeLessThan(1_000);
  }
}

/** Every key that a document can have, so that values arrive where the reader looks. */
const knownKeys = [
  ...new Set(
    [...(JSON.stringify(whole) + designExample).matchAll(/"([A-Za-z-]+)":/g)].map((match) => match[1] ?? ""),
  ),
  "weights",
  "links",
  "hosts",
  "origins",
  "__proto__",
  "constructor",
];

const anyValue = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.jsonValue(),
    fc.constantFrom("127.0.0.1:9007", "tcp://h:1", "a", "/a", 1, 65536, "${X}", "${HOME}", "amps", "ssh"),
    fc.array(tie("node"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...knownKeys), tie("node"), { maxKeys: 5 }),
  ),
})).node;

test("1,000 arbitrary documents never throw, and each is accepted or has typed problems", () => {
  fc.assert(
    fc.property(anyValue, fc.boolean(), (value, isVersioned) => {
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      expectTyped(
        parseConfig(isVersioned && isObject ? { ...value, version: 1 } : value, { HOME: "/home/x" }),
      );
    }),
    { numRuns: 1_000 },
  );
});

/** Every place in a document, deepest last. */
function placesOf(
  value: unknown,
  path: readonly (string | number)[] = [],
): readonly (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const inside = Object.entries(value).flatMap(([key, item]) =>
    placesOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inside];
}

function replaceAt(
  document: unknown,
  path: readonly (string | number)[],
  put: (before: unknown) => unknown,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return put(document);
  const copy = (
    Array.isArray(document) ? [...(document as unknown[])] : { ...(document as object) }
  ) as Record<string | number, unknown>;
  copy[key] = replaceAt(copy[key], rest, put);
  if (copy[key] === undefined && !Array.isArray(copy)) delete copy[key];
  return copy;
}

test("1,000 mutations of a real document never throw, and problems name places", () => {
  const real = JSON.parse(designExample) as unknown;
  const places = placesOf(real);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(places.length - 1), fc.oneof(anyValue, fc.constant(undefined))), {
        minLength: 1,
        maxLength: 3,
      }),
      (changes) => {
        const mutated = changes.reduce<unknown>((document, [at, value]) => {
          const path = places[at] ?? [];
          try {
            return replaceAt(document, path, () => value);
          } catch {
            // An earlier change took the place away.
            return document;
          }
        }, real);
        expectTyped(parseConfig(mutated, {}));
      },
    ),
    { numRuns: 1_000 },
  );
});

test("1,000 damaged texts of a real document never throw", () => {
  fc.assert(
    fc.property(fc.nat(designExample.length), fc.nat(40), fc.string({ maxLength: 10 }), (at, cut, piece) => {
      expectTyped(parseConfigText(designExample.slice(0, at) + piece + designExample.slice(at + cut), {}));
    }),
    { numRuns: 1_000 },
  );
});
