/** Shunt's own document: keys in the contract's order, whatever order they were written in. */
import type { ShuntConfig } from "../contract/config.ts";

/** Keys that lead, in every object that has them; the others follow in alphabetical order. */
const leading = [
  "version",
  "tunnels",
  "backends",
  "pools",
  "routes",
  "id",
  "label",
  "environment",
  "enabled",
  "type",
  "listen",
  "transport",
  "host",
  "path",
  "target",
  "address",
  "via",
  "members",
];

function rank(key: string): string {
  const at = leading.indexOf(key);
  return at < 0 ? `~${key}` : String(at).padStart(2, "0");
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (rank(one) < rank(other) ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, ordered(item)]));
}

/** Placeholders stay placeholders. */
export function shuntJson(document: ShuntConfig): string {
  return `${JSON.stringify(ordered(document), null, 2)}\n`;
}
