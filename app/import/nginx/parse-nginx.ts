/** NGINX's syntax: directives with words, blocks in braces, quotes, escapes and comments. Pure, and bounded in depth. */

export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
  /** From 1. */
  readonly line: number;
  /** Null where it ends in a semicolon. */
  readonly block: readonly Directive[] | null;
}

/** Where the text stops being NGINX's syntax, and why. */
interface NginxSyntaxError {
  readonly line: number;
  readonly why: string;
}

type Token =
  | { readonly is: "word"; readonly text: string; readonly line: number }
  | { readonly is: ";" | "{" | "}"; readonly line: number };

const deepest = 20;
const mostDirectives = 20_000;

export function parseNginx(text: string): readonly Directive[] | NginxSyntaxError {
  const tokens = tokenize(text);
  if (!Array.isArray(tokens)) return tokens as NginxSyntaxError;
  const root: Directive[] = [];
  const open: { readonly into: Directive[]; readonly line: number }[] = [{ into: root, line: 1 }];
  let words: string[] = [];
  let line = 1;
  let count = 0;
  for (const token of tokens as readonly Token[]) {
    const { into } = open[open.length - 1] as (typeof open)[number];
    if (token.is === "word") {
      if (words.length === 0) line = token.line;
      words.push(token.text);
      continue;
    }
    const [name, ...rest] = words;
    words = [];
    if (token.is === "}") {
      if (name !== undefined) return { line, why: `${quoted(name)} has no semicolon at its end` };
      if (open.length === 1) return { line: token.line, why: "a closing brace has no opening one" };
      open.pop();
      continue;
    }
    if (name === undefined) return { line: token.line, why: `"${token.is}" stands alone` };
    const block: Directive[] | null = token.is === "{" ? [] : null;
    into.push({ name, words: rest, line, block });
    if (++count > mostDirectives) return { line, why: "there are more than 20,000 directives" };
    if (block) open.push({ into: block, line });
    if (open.length > deepest) return { line, why: "blocks are nested too deep" };
  }
  const [name] = words;
  if (name !== undefined) return { line, why: `${quoted(name)} has no semicolon at its end` };
  const unclosed = open[1];
  return unclosed ? { line: unclosed.line, why: "a block is not closed" } : root;
}

/** A directive's name; anything else might be a value that is nobody's business. */
function quoted(name: string): string {
  return /^[a-z_]{1,40}$/.test(name) ? name : "a directive";
}

function tokenize(text: string): readonly Token[] | NginxSyntaxError {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (/\s/.test(char)) {
      if (char === "\n") line++;
      at++;
    } else if (char === "#") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (char === ";" || char === "{" || char === "}") {
      tokens.push({ is: char, line });
      at++;
    } else {
      const word = char === '"' || char === "'" ? readQuoted(text, at, char) : readPlain(text, at);
      if (word === null) return { line, why: "a quotation mark is not closed" };
      tokens.push({ is: "word", text: word.text, line });
      line += text.slice(at, word.end).split("\n").length - 1;
      at = word.end;
    }
  }
  return tokens;
}

interface Word {
  readonly text: string;
  readonly end: number;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\\": "\\",
  t: "\t",
  r: "\r",
  n: "\n",
};

function readQuoted(text: string, start: number, mark: string): Word | null {
  let word = "";
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] as string;
    if (char === mark) return { text: word, end: at + 1 };
    if (char !== "\\") word += char;
    else word += escapes[text[++at] ?? ""] ?? `\\${text[at] ?? ""}`;
  }
  return null;
}

/** Ends at white space, a semicolon or a brace that opens a block; that of `${name}` does not. */
function readPlain(text: string, start: number): Word {
  let word = "";
  let at = start;
  for (; at < text.length; at++) {
    const char = text[at] as string;
    if (/[\s;]/.test(char) || (char === "{" && text[at - 1] !== "$")) break;
    if (char !== "\\") word += char;
    else word += escapes[text[++at] ?? ""] ?? `\\${text[at] ?? ""}`;
  }
  return { text: word, end: at };
}
