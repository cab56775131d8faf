import { redact } from "../redact.ts";

/** Writes a path as operators read it: `routes[2].listen`; the document itself is `(document)`. */
export function joinPath(parts: readonly PropertyKey[]): string {
  let path = "";
  for (const part of parts) {
    if (typeof part === "number") path += `[${part}]`;
    else path += path === "" ? String(part) : `.${String(part)}`;
  }
  return path === "" ? "(document)" : path;
}

/** The value found at a path, or undefined. */
export function valueAt(document: unknown, parts: readonly PropertyKey[]): unknown {
  let value: unknown = document;
  for (const part of parts) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** A value, short enough to quote in a message, which may end in a log: without what looks like a credential. */
export function quoteValue(value: unknown): string {
  if (value === undefined) return "nothing";
  // Whatever is before the last @ of a URL, also what no URL may hold: a password as somebody typed it.
  const text = redact(asJson(value).replace(/:\/\/.*@/, "://***@"));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Nested too deeply for the stack.
    return Array.isArray(value) ? "[…]" : "{…}";
  }
}
