/**
 * Reads JSON text where `JSON.parse` alone says too little: it names no position for many errors, and of two equal keys
 * it drops the first in silence.
 */
import type { ConfigProblem } from "../contract/config.ts";
import { joinPath } from "./problem-path.ts";

type JsonText =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Parses a document; problems name line and column, or the path of a key that is written twice. */
export function parseJsonText(source: string): JsonText {
  const text = source.replace(/^\uFEFF/, "");
  if (text.trim() === "") return { ok: false, problems: [wholeDocument("the file is empty")] };
  const scan = scanJson(text);
  if (scan.fault)
    return { ok: false, problems: [wholeDocument(`${place(text, scan.fault.at)}: ${scan.fault.message}`)] };
  if (scan.twice.length > 0) return { ok: false, problems: scan.twice };
  return { ok: true, value: JSON.parse(text) as unknown };
}

function wholeDocument(message: string): ConfigProblem {
  return { path: "(document)", message: `is not JSON: ${message}` };
}

function place(text: string, at: number): string {
  const before = text.slice(0, at).split("\n");
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}

interface Level {
  readonly close: "}" | "]";
  readonly keys: Set<string>;
  /** The key or index of the value that is being read. */
  at: string | number;
}

interface Scan {
  readonly fault: { readonly at: number; readonly message: string } | null;
  readonly twice: readonly ConfigProblem[];
}

const space = /[ \t\n\r]*/y;
const scalar =
  // eslint-disable-next-line no-control-regex -- a JSON string may not hold them
  /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Walks the grammar of RFC 8259 without recursion, so that no depth of nesting can exhaust the stack. */
function scanJson(text: string): Scan {
  const twice: ConfigProblem[] = [];
  const levels: Level[] = [];
  let at = 0;
  let expect: "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" = "value";

  const skipSpace = (): void => {
    space.lastIndex = at;
    at += space.exec(text)?.[0].length ?? 0;
  };
  const takeScalar = (): string => {
    scalar.lastIndex = at;
    const token = scalar.exec(text)?.[0] ?? "";
    at += token.length;
    return token;
  };
  const fault = (wanted: string): Scan => {
    const found = text[at] === undefined ? "the file ends here" : `found ${JSON.stringify(text[at])}`;
    return { fault: { at, message: `expected ${wanted}, ${found}` }, twice };
  };
  for (;;) {
    skipSpace();
    const level = levels.at(-1);
    const char = text[at];
    if (expect === "comma or end" && !level)
      return at === text.length ? { fault: null, twice } : fault("nothing more");
    if (level && char === level.close && expect.endsWith("or end")) {
      at++;
      levels.pop();
      expect = "comma or end";
    } else if (expect === "comma or end") {
      if (char !== ",") return fault(`a comma or ${level?.close}`);
      at++;
      if (typeof level?.at === "number") level.at++;
      expect = level?.close === "}" ? "key" : "value";
    } else if (expect === "colon") {
      if (char !== ":") return fault("a colon");
      at++;
      expect = "value";
    } else if (expect === "key" || expect === "key or end") {
      if (char !== '"') return fault(expect === "key" ? "a quoted key" : "a quoted key or }");
      const token = takeScalar();
      if (token === "" || !level) return fault("a whole string");
      level.at = JSON.parse(token) as string;
      if (level.keys.has(level.at))
        twice.push({
          path: joinPath(levels.map((one) => one.at)),
          message: "is written twice; keep one of them",
        });
      level.keys.add(level.at);
      expect = "colon";
    } else if (char === "{" || char === "[") {
      at++;
      levels.push({ close: char === "{" ? "}" : "]", keys: new Set(), at: char === "{" ? "" : 0 });
      expect = char === "{" ? "key or end" : "value or end";
    } else {
      if (takeScalar() === "") return fault(char === '"' ? "a whole string" : "a value");
      expect = "comma or end";
    }
  }
}
