/**
 * Takes out what looks like a credential; for the sinks, the activity and the log file, whatever code wrote the text.
 * Escapes control bytes, so that no entry can pass for two.
 */

const names = "password|passwd|passphrase|pwd?|pw|secret|token|api[_-]?key";
/** A quoted value, where what is quoted may hold an escaped quote; else what ends at a separator. */
const value = String.raw`"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[^\s&,;}"']+`;

const rules: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "***"],
  // The last @ before a space ends the user info: passwords hold colons, slashes and @ too.
  [/\b([a-z][a-z0-9+.-]{0,19}:\/\/)[^\s"'<>]{1,1000}@/gi, "$1***@"],
  // User info by itself, as in a Host header that has one.
  [/([^\s"'<>@:/,;(]{1,100}:)(?!\/\/)[^\s"'<>]{1,1000}@/g, "$1***@"],
  // User info of a URL inside another one's parameter.
  [/\b([a-z][a-z0-9+.-]{0,19}%3a%2f%2f)[^\s"'<>]{1,1000}%40/gi, "$1***%40"],
  [/\b((?:proxy-)?authorization\b["']?\s*[:=]\s*).*/gi, "$1***"],
  [/\b((?:set-)?cookie\b["']?\s*[:=]\s*).*/gi, "$1***"],
  [/\b((?:basic|bearer)\s+)[a-z0-9+/=._~-]{8,}/gi, "$1***"],
  [new RegExp(String.raw`\b(${names})(\\?["']?\s*(?:[:=]|%3d)\s*\\?)(${value})`, "gi"), "$1$2***"],
];

// eslint-disable-next-line no-control-regex -- control bytes are what this is about
const controlBytes = /[\0-\x08\x0b-\x1f\x7f]/g;

export function redact(text: string): string {
  let clean = text;
  for (const [pattern, by] of rules) clean = clean.replace(pattern, by);
  return clean.replace(controlBytes, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
