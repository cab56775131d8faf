/** Parts of a configuration that stay the same stay the same objects, so that what hangs on them need not be made again. Pure. */
import type { ShuntConfig } from "../contract/config.ts";

/** Deep equality of plain data. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(other, key) &&
      isSame((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
  );
}

/** The next configuration, made of the parts of the present one wherever they are the same. */
export function keepSameParts(before: ShuntConfig, next: ShuntConfig): ShuntConfig {
  return {
    ...next,
    tunnels: keepSame(before.tunnels, next.tunnels),
    backends: keepSame(before.backends, next.backends),
    pools: keepSame(before.pools, next.pools),
    routes: keepSame(before.routes, next.routes),
  };
}

function keepSame<Item extends { readonly id: string }>(
  before: readonly Item[],
  next: readonly Item[],
): readonly Item[] {
  const known = new Map(before.map((item) => [item.id, item]));
  return next.map((item) => {
    const same = known.get(item.id);
    return same && isSame(same, item) ? same : item;
  });
}
