/** Of a document that differs a little from one that was accepted, only what differs has to be judged for itself. Pure. */
import type { ShuntConfig } from "../contract/config.ts";
import type { ParsedConfig } from "./parsed-config.ts";
import { isSame } from "./same-parts.ts";

interface SetApart {
  /** The document without the items that were accepted before. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** What became of the rest, with those items back in their places. */
  whole(rest: ParsedConfig): ParsedConfig;
}

const lists = ["tunnels", "backends", "pools", "routes"] as const;
type ListName = (typeof lists)[number];
type Item = ShuntConfig[ListName][number];

/** Null where the document has not even the shape of lists. */
export function setKnownApart(document: unknown, known: ParsedConfig): SetApart | null {
  if (typeof document !== "object" || document === null) return null;
  const rest: Record<string, unknown> = { ...document };
  /** By list, at their places: what was accepted before, or null for an item of the rest. */
  const kept = new Map<ListName, readonly (Item | null)[]>();
  for (const name of lists) {
    const items = rest[name];
    if (items === undefined) continue;
    if (!Array.isArray(items)) return null;
    const accepted = acceptedById(known, name);
    const found = items.map((item: unknown) => acceptedAs(item, accepted));
    kept.set(name, found);
    rest[name] = items.filter((_, at) => found[at] === null);
  }
  const fill = (judged: ShuntConfig): ShuntConfig => {
    const filled = lists.map((name) => {
      const own = judged[name].values();
      return [name, kept.get(name)?.map((item) => item ?? own.next().value) ?? []];
    });
    return { ...judged, ...(Object.fromEntries(filled) as Pick<ShuntConfig, ListName>) };
  };
  return {
    rest,
    whole: ({ document: written, resolved }) => ({ document: fill(written), resolved: fill(resolved) }),
  };
}

function acceptedById(known: ParsedConfig, name: ListName): ReadonlyMap<string, Item> {
  const resolved = known.resolved[name];
  const items: readonly Item[] = known.document[name];
  // Where a placeholder was replaced, the environment has a say: that is judged anew.
  return new Map(items.flatMap((item, at) => (isSame(item, resolved[at]) ? [[item.id, item] as const] : [])));
}

function acceptedAs(item: unknown, accepted: ReadonlyMap<string, Item>): Item | null {
  const { id } = (item ?? {}) as { readonly id?: unknown };
  const same = typeof id === "string" ? accepted.get(id) : undefined;
  return same && isSame(same, item) ? same : null;
}
