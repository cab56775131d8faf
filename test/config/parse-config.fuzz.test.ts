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

const real = JSON.parse(designExample) as object;

/** The document with up to three of its places changed or taken away, or one of its lists in another order. */
function mutationsOf(document: object): fc.Arbitrary<unknown> {
  const places = placesOf(document);
  const changes = fc.array(fc.tuple(fc.nat(places.length - 1), fc.oneof(anyValue, fc.constant(undefined))), {
    minLength: 1,
    maxLength: 3,
  });
  const mutated = changes.map((all) =>
    all.reduce<unknown>((changed, [at, value]) => {
      try {
        return replaceAt(changed, places[at] ?? [], () => value);
      } catch {
        // An earlier change took the place away.
        return changed;
      }
    }, document),
  );
  const turned = fc
    .tuple(fc.constantFrom("tunnels", "backends", "pools", "routes"), fc.nat(3))
    .map(([list, at]) =>
      replaceAt(document, [list], (items) => {
        const all = items as readonly unknown[];
        return [...all.slice(at), ...all.slice(0, at)];
      }),
    );
  return fc.oneof({ weight: 4, arbitrary: mutated }, { weight: 1, arbitrary: turned });
}

test("1,000 mutations of a real document never throw, and problems name places", () => {
  fc.assert(
    fc.property(mutationsOf(real), (mutated) => expectTyped(parseConfig(mutated, {}))),
    { numRuns: 1_000 },
  );
});

test("1,500 mutations of a document that was accepted: knowing it changes no verdict, no problem and no value", () => {
  const note = "of ${PLACE}";
  const [first = {}] = whole.backends;
  const written = { ...whole, backends: [{ ...first, note }, ...whole.backends.slice(1)] };
  let accepted = 0;
  for (const document of [written, real]) {
    const known = parseConfig(structuredClone(document), { PLACE: "here" });
    if (!known.ok) throw new Error(JSON.stringify(known.problems));
    fc.assert(
      fc.property(mutationsOf(document), fc.constantFrom("here", "there", undefined), (mutated, place) => {
        const env = { PLACE: place };
        const again = parseConfig(structuredClone(mutated), env, known.value);
        expect(again).toStrictEqual(parseConfig(structuredClone(mutated), env));
        if (again.ok) accepted++;
      }),
      { numRuns: 750 },
    );
  }
  expect(accepted).toBeGreaterThan(100);
});

test("1,000 damaged texts of a real document never throw", () => {
  fc.assert(
    fc.property(fc.nat(designExample.length), fc.nat(40), fc.string({ maxLength: 10 }), (at, cut, piece) => {
      expectTyped(parseConfigText(designExample.slice(0, at) + piece + designExample.slice(at + cut), {}));
    }),
    { numRuns: 1_000 },
  );
});
