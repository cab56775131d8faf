/**
 * The part of AMPS's filter language that the sandbox speaks: comparisons of a field with a string or a number,
 * joined by AND, OR and parentheses, such as `/symbol = 'IBM' AND /qty > 100`.
 */
import { fieldAt, type Fields } from "./message-fields.ts";

export type Filter = (fields: Fields | null) => boolean;

const tokenPattern =
  /\s*(?:(\/[\w/]+)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|(<=|>=|<>|!=|==|[=<>()])|(AND|OR)\b)/iy;
const maxTokens = 500;

interface Token {
  readonly kind: "field" | "string" | "number" | "sign" | "word";
  readonly text: string;
}

/** The filter that `text` describes; empty text matches everything; null when it is not one of ours. */
export function parseFilter(text: string): Filter | null {
  if (text.trim() === "") return () => true;
  const tokens = tokenize(text);
  if (tokens === null) return null;
  const reader = new FilterReader(tokens);
  const filter = reader.either();
  return filter !== null && reader.atEnd() ? (fields) => fields !== null && filter(fields) : null;
}

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  const source = text.trimEnd();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const match = tokenPattern.exec(source);
    if (match === null || tokens.length >= maxTokens) return null;
    const [, field, string, number, sign, word] = match;
    if (field !== undefined) tokens.push({ kind: "field", text: field });
    else if (string !== undefined)
      tokens.push({ kind: "string", text: string.slice(1, -1).replace(/\\(.)/g, "$1") });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else tokens.push({ kind: "word", text: (word ?? "").toUpperCase() });
  }
  return tokens;
}

class FilterReader {
  #at = 0;
  readonly #tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(): Filter | null {
    return this.#joined("OR", () => this.#joined("AND", () => this.#term(), every), some);
  }

  #joined(word: string, part: () => Filter | null, join: (filters: Filter[]) => Filter): Filter | null {
    const first = part();
    if (first === null) return null;
    const filters = [first];
    while (this.#take("word", word)) {
      const next = part();
      if (next === null) return null;
      filters.push(next);
    }
    return filters.length === 1 ? first : join(filters);
  }

  #term(): Filter | null {
    if (this.#take("sign", "(")) {
      const inner = this.either();
      return inner !== null && this.#take("sign", ")") ? inner : null;
    }
    const field = this.#tokens[this.#at];
    const sign = this.#tokens[this.#at + 1];
    const value = this.#tokens[this.#at + 2];
    if (field?.kind !== "field" || sign?.kind !== "sign" || value === undefined) return null;
    const matches = comparisons[sign.text];
    if (matches === undefined || (value.kind !== "string" && value.kind !== "number")) return null;
    this.#at += 3;
    const path = field.text.split("/").filter((name) => name !== "");
    const wanted = value.kind === "number" ? Number(value.text) : value.text;
    return (fields) => matches(compare(fieldAt(fields ?? {}, path), wanted));
  }

  #take(kind: Token["kind"], text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind || token.text !== text) return false;
    this.#at += 1;
    return true;
  }
}

const every =
  (filters: Filter[]): Filter =>
  (fields) =>
    filters.every((filter) => filter(fields));
const some =
  (filters: Filter[]): Filter =>
  (fields) =>
    filters.some((filter) => filter(fields));

/** Below, equal or above; null where the two cannot be compared, which matches nothing but `!=`. */
type Order = -1 | 0 | 1 | null;

const comparisons: Readonly<Record<string, (order: Order) => boolean>> = {
  "=": (order) => order === 0,
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<>": (order) => order !== 0,
  "<": (order) => order === -1,
  "<=": (order) => order === -1 || order === 0,
  ">": (order) => order === 1,
  ">=": (order) => order === 1 || order === 0,
};

function compare(value: unknown, wanted: string | number): Order {
  if (typeof value !== "string" && typeof value !== "number") return null;
  if (typeof wanted === "number") {
    const number = typeof value === "number" ? value : value === "" ? NaN : Number(value);
    return Number.isNaN(number) ? null : orderOf(number, wanted);
  }
  return orderOf(String(value), wanted);
}

function orderOf<T extends string | number>(left: T, right: T): Order {
  return left < right ? -1 : left > right ? 1 : 0;
}
