/** What one configuration has that another had not, in a few words. Pure. */
import type { ShuntConfig } from "../contract/config.ts";
import { isSame } from "./same-parts.ts";

const collections = [
  ["tunnels", "tunnel"],
  ["backends", "backend"],
  ["pools", "pool"],
  ["routes", "route"],
] as const;

/** More of a kind than these are counted, not named. */
const mostNamed = 3;

/** `backend far added; routes orders, views changed`, or null where nothing differs. */
export function describeChange(before: ShuntConfig, next: ShuntConfig): string | null {
  const parts = collections.flatMap(([collection, noun]) => {
    const was = new Map<string, unknown>(before[collection].map((row) => [row.id, row]));
    const is = new Map<string, unknown>(next[collection].map((row) => [row.id, row]));
    const added = [...is.keys()].filter((id) => !was.has(id));
    const changed = [...is.keys()].filter((id) => was.has(id) && !isSame(was.get(id), is.get(id)));
    const removed = [...was.keys()].filter((id) => !is.has(id));
    return [named(noun, added, "added"), named(noun, changed, "changed"), named(noun, removed, "removed")];
  });
  const told = parts.filter((part) => part !== null);
  return told.length === 0 ? null : told.join("; ");
}

function named(noun: string, ids: readonly string[], what: string): string | null {
  if (ids.length === 0) return null;
  const nouns = ids.length === 1 ? noun : `${noun}s`;
  return ids.length > mostNamed ? `${ids.length} ${nouns} ${what}` : `${nouns} ${ids.join(", ")} ${what}`;
}
