/** A configuration with the chosen items in it. Pure. */
import type { ShuntConfig } from "../contract/config.ts";
import type { ImportItem } from "../contract/import.ts";

export function withItems(config: ShuntConfig, items: readonly ImportItem[]): ShuntConfig {
  return {
    ...config,
    tunnels: withRows(
      config.tunnels,
      items.flatMap((item) => (item.kind === "tunnel" ? [item.row] : [])),
    ),
    backends: withRows(
      config.backends,
      items.flatMap((item) => (item.kind === "backend" ? [item.row] : [])),
    ),
    pools: withRows(
      config.pools,
      items.flatMap((item) => (item.kind === "pool" ? [item.row] : [])),
    ),
    routes: withRows(
      config.routes,
      items.flatMap((item) => (item.kind === "route" ? [item.row] : [])),
    ),
  };
}

function withRows<Row extends { readonly id: string }>(
  before: readonly Row[],
  rows: readonly Row[],
): readonly Row[] {
  const changed = before.map((row) => rows.find(({ id }) => id === row.id) ?? row);
  return [...changed, ...rows.filter(({ id }) => !before.some((row) => row.id === id))];
}
