/** HAProxy's words: strong quotes where they do, weak ones with escapes elsewhere. */
import { hashComments } from "../comments.ts";

export type Lines = readonly string[];

/** One word. Nothing but its end is special in single quotes. */
export function word(text: string): string {
  if (/^[A-Za-z0-9_./:@,=^*+?|-]+$/.test(text)) return text;
  if (!text.includes("'")) return `'${text}'`;
  return `"${text.replace(/[\\"$]/g, "\\$&")}"`;
}

/** A word in which `%` begins an expression: a literal one is doubled. */
export function formatted(text: string): string {
  return word(text.replaceAll("%", "%%"));
}

/** Replacements of `replace-path` and `replace-header` are formats with `\1`: a literal backslash is doubled. */
export function replacement(before: string, after: string): string {
  return word(`${before.replaceAll("\\", "\\\\").replaceAll("%", "%%")}${after}`);
}

export function section(head: string, lines: Lines): Lines {
  return [head, ...lines.map((line) => (line === "" ? "" : `    ${line}`)), ""];
}

export function comments(texts: Lines): Lines {
  return hashComments(texts);
}
