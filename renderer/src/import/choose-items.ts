/** Choosing among the items of an import: an item comes with what it needs, and goes with what needed it. */
import type { ShuntConfig } from "../../../app/contract/config.ts";
import type { ImportItem, ImportPreview } from "../../../app/contract/import.ts";
import { withBackend, withPool, withRoute, withTunnel } from "../edit/config-edit.ts";
import { sentenceOf } from "./count-rows.ts";

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

/** `Adds 1 tunnel, 2 backends and 3 routes, and changes 1 backend.`; null where nothing is chosen. */
export function describeChosen(items: readonly ImportItem[], chosen: ReadonlySet<string>): string | null {
  const taken = items.filter(({ key }) => chosen.has(key));
  const nounsOf = (status: ImportItem["status"]): readonly string[] =>
    taken.filter((item) => item.status === status).map(({ kind }) => kind);
  return sentenceOf([
    ["adds", nounsOf("new")],
    ["changes", nounsOf("changed")],
  ]);
}
