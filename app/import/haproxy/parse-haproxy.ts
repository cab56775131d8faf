/** HAProxy's syntax: sections of lines, lines of words, with its quotes, escapes and comments. Pure. */

export interface Line {
  readonly words: readonly string[];
  /** From 1. */
  readonly line: number;
}

export interface Section {
  readonly type: string;
  readonly name: string;
  readonly line: number;
  readonly lines: readonly Line[];
}

/** A section with the defaults that count for it. */
export interface Proxy extends Section {
  readonly outer: readonly Line[];
  readonly mode: string;
}

const mostLines = 20_000;

const sectionTypes =
  /^(global|defaults|frontend|backend|listen|peers|resolvers|userlist|mailers|cache|program|http-errors|ring|log-forward|fcgi-app|crt-store|traces)$/;

/** The sections, or the line that belongs to none or has an open quotation mark. */
export function parseHaproxy(
  text: string,
): readonly Section[] | { readonly line: number; readonly why: string } {
  const sections: Section[] = [];
  let lines: Line[] | null = null;
  for (const [at, source] of text.split(/\r?\n/).entries()) {
    const line = at + 1;
    const words = wordsOf(source);
    if (line > mostLines) return { line, why: "there are more than 20,000 lines" };
    if (words === null) return { line, why: "a quotation mark is not closed" };
    const [first, name = ""] = words;
    if (first === undefined) continue;
    if (sectionTypes.test(first)) {
      lines = [];
      sections.push({ type: first, name, line, lines });
    } else if (lines === null) return { line, why: "stands in no section" };
    else lines.push({ words, line });
  }
  return sections;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** In single quotes nothing is special; in double quotes, a backslash only before `"`, `\`, `$`, `'`. */
function wordsOf(source: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let mark: string | null = null;
  for (let at = 0; at < source.length; at++) {
    const char = source[at] as string;
    const next = source[at + 1] ?? "";
    if (mark === "'") {
      if (char === mark) mark = null;
      else word += char;
    } else if (char === "\\" && (mark === null || /["\\$']/.test(next))) {
      word = (word ?? "") + (mark === null ? (escapes[next] ?? next) : next);
      at++;
    } else if (char === mark) mark = null;
    else if (mark === null && (char === '"' || char === "'")) {
      mark = char;
      word ??= "";
    } else if (mark === null && char === "#") break;
    else if (mark === null && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + char;
  }
  if (mark !== null) return null;
  return word === null ? words : [...words, word];
}
