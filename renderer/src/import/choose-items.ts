/** Choosing among the items of an import: an item comes with what it needs, and goes with what needed it. */
import type { ShuntConfig } from "../../../app/contract/config.ts";
import type { ImportItem, ImportPreview } from "../../../app/contract/import.ts";
import { plural } from "../design/format.ts";
import { withBackend, withPool, withRoute, withTunnel } from "../edit/config-edit.ts";

/** Keys of what is chosen to begin with. */
export function suggestedItems({ items }: ImportPreview): ReadonlySet<string> {
  const needsOf = new Map(items.map(({ key, needs }) => [key, needs]));
  const chosen = new Set<string>();
  const visit = (key: string): void => {
    if (chosen.has(key)) return;
    chosen.add(key);
    needsOf.get(key)?.forEach(visit);
  };
  for (const { key, suggested, status } of items) if (suggested && status !== "known") visit(key);
  return chosen;
}

export function toggleItem(
  items: readonly ImportItem[],
  chosen: ReadonlySet<string>,
  key: string,
  on: boolean,
): ReadonlySet<string> {
  const next = new Set(chosen);
  const visit = (one: string): void => {
    if (next.has(one) === on) return;
    if (on) next.add(one);
    else next.delete(one);
    const related = on
      ? (items.find((item) => item.key === one)?.needs ?? [])
      : items.filter((item) => item.needs.includes(one)).map((item) => item.key);
    for (const other of related) visit(other);
  };
  visit(key);
  return next;
}

/** The document with the chosen items in it. */
export function withChosen(
  config: ShuntConfig,
  items: readonly ImportItem[],
  chosen: ReadonlySet<string>,
): ShuntConfig {
  return items
    .filter(({ key, status }) => chosen.has(key) && status !== "known")
    .reduce((document, item) => {
      switch (item.kind) {
        case "tunnel":
          return withTunnel(document, item.row, item.row.id);
        case "backend":
          return withBackend(document, item.row, item.row.id);
        case "pool":
          return withPool(document, item.row, item.row.id);
        case "route":
          return withRoute(document, item.row, item.row.id);
      }
    }, config);
}

const kinds = ["tunnel", "backend", "pool", "route"] as const;

/** `Adds 1 tunnel, 2 backends and 3 routes, and changes 1 backend.`; null where nothing is chosen. */
export function describeChosen(items: readonly ImportItem[], chosen: ReadonlySet<string>): string | null {
  const count = (status: ImportItem["status"]): string =>
    listed(
      kinds.flatMap((kind) => {
        const many = items.filter((i) => i.kind === kind && i.status === status && chosen.has(i.key)).length;
        return many === 0 ? [] : [plural(many, kind)];
      }),
    );
  const parts = [
    { verb: "adds", what: count("new") },
    { verb: "changes", what: count("changed") },
  ].filter(({ what }) => what !== "");
  if (parts.length === 0) return null;
  const text = parts.map(({ verb, what }) => `${verb} ${what}`).join(", and ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
