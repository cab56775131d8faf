/** NGINX's words: what is quoted, what an expression may hold, blocks and their indentation. */
import { hashComments } from "../comments.ts";
import { formatHostPort, type HostPort } from "../../config/address.ts";

export type Lines = readonly string[];

/** One word. In quotes a backslash counts only before a quote, another backslash, or t, r, n. */
export function word(text: string): string {
  if (/^[A-Za-z0-9_./:@,=~^()*+?|!-]+$/.test(text) && text !== "") return text;
  return `"${text.replace(/\\(?=[\\"'trn]|$)/g, "\\\\").replace(/"/g, '\\"')}"`;
}

/** Literal text where NGINX would take `$name` for a variable: there is no escape, so a variable holds the sign. */
export function literal(text: string): string {
  return text.replaceAll("$", "${shunt_dollar}");
}

export function directive(name: string, ...words: readonly string[]): string {
  return `${[name, ...words].join(" ")};`;
}

export function block(head: string, lines: Lines): Lines {
  return [`${head} {`, ...lines.map((line) => (line === "" ? "" : `    ${line}`)), "}"];
}

export function comments(texts: Lines): Lines {
  return hashComments(texts);
}

/** A variable's name from an id or a listener's name. */
export function variable(what: string, name: string): string {
  return `$shunt_${what}_${name.replaceAll("-", "_")}`;
}

export interface MapEntry {
  readonly on: string;
  readonly gives: string;
}

export function map(source: string, target: string, entries: readonly MapEntry[]): Lines {
  return block(
    `map ${source} ${target}`,
    entries.map(({ on, gives }) => directive(word(on), gives)),
  );
}

export function address(hostPort: HostPort): string {
  return formatHostPort(hostPort);
}
