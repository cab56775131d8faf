/** Tags of routes and backends: words by which they are found, grouped and acted on together. */
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { natural } from "../design/natural-order.ts";

const prefix = "tag:";

/** Every tag of the document once, in natural order. */
export function allTags({ routes, backends }: ShuntConfig): readonly string[] {
  return [...new Set([...routes, ...backends].flatMap(({ tags = [] }) => tags))].sort(natural);
}

/** One list with what the other adds; tags that differ in case alone are one. */
export function joinTags(tags: readonly string[], more: readonly string[]): readonly string[] {
  const known = new Set(tags.map((tag) => tag.toLowerCase()));
  return [...tags, ...more.filter((tag) => !known.has(tag.toLowerCase()) && known.add(tag.toLowerCase()))];
}

/** The tags in a text as typed: parted by spaces or commas. */
export function readTags(text: string): readonly string[] {
  return joinTags([], text.split(/[\s,]+/).filter(Boolean));
}

/**
 * Whether every word of a filter is in the texts or a tag; a word `tag:prod` asks for a tag that begins so, and `tag:`
 * for any.
 */
export function matchesWords(
  filter: string,
  texts: readonly (string | null | undefined)[],
  tags: readonly string[],
): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const lower = tags.map((tag) => tag.toLowerCase());
  const haystack = [...texts, ...lower].join(" ").toLowerCase();
  return words.every((word) =>
    word.startsWith(prefix)
      ? lower.some((tag) => tag.startsWith(word.slice(prefix.length)))
      : haystack.includes(word),
  );
}

/** The document with tags added to some routes and taken from them. */
export function withTags(
  config: ShuntConfig,
  ids: ReadonlySet<string>,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): ShuntConfig {
  const routes = config.routes.map((route) => {
    if (!ids.has(route.id)) return route;
    const { tags: before = [], ...rest } = route;
    const tags = joinTags(
      before.filter((tag) => !change.remove.includes(tag)),
      change.add,
    );
    return tags.length === 0 ? rest : { ...rest, tags };
  });
  return { ...config, routes };
}
