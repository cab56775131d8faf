/** What one document has that another has not: told row by row, and taken back. */
import type { ShuntConfig } from "../../../app/contract/config.ts";
import { type CollectionName, usersOf, usersOfTunnel } from "./config-edit.ts";

type Row = { readonly id: string };

export interface RowChange {
  readonly kind: "added" | "changed" | "removed";
  /** `route`, `backend`, `pool`, `tunnel`. */
  readonly noun: string;
  readonly id: string;
}

const collections = ["tunnels", "backends", "pools", "routes"] as const;

/** Row by row what comes, what becomes different, what goes. */
export function changesBetween(before: ShuntConfig, after: ShuntConfig): readonly RowChange[] {
  return collections.flatMap((name) => {
    const noun = name.slice(0, -1);
    const old = textsById(before[name]);
    const now = textsById(after[name]);
    const come = [...now].flatMap(([id, text]): RowChange[] => {
      if (!old.has(id)) return [{ kind: "added", noun, id }];
      return old.get(id) === text ? [] : [{ kind: "changed", noun, id }];
    });
    const gone = [...old.keys()].filter((id) => !now.has(id));
    return [...come, ...gone.map((id) => ({ kind: "removed", noun, id }) as const)];
  });
}

/** The routes whose listener ends with a change: gone, disabled, or on another address. */
export function endedRoutes(before: ShuntConfig, after: ShuntConfig): readonly string[] {
  const afterById = new Map(after.routes.map((route) => [route.id, route]));
  return before.routes
    .filter((route) => {
      const now = afterById.get(route.id);
      return !now || now.enabled === false || now.listen !== route.listen;
    })
    .map((route) => route.id);
}

/**
 * The document without what `after` made of `before`: its new rows gone, others as they were. A row that somebody has
 * changed since stays as it is, and so does a new one that something else uses by now.
 */
export function withoutChanges(now: ShuntConfig, before: ShuntConfig, after: ShuntConfig): ShuntConfig {
  // Whoever uses a row comes before it, so that only users that stay are counted.
  return (["routes", "pools", "backends", "tunnels"] as const).reduce(
    (document, name) => restoreRows(document, name, before, after),
    now,
  );
}

function restoreRows(
  document: ShuntConfig,
  name: CollectionName,
  before: ShuntConfig,
  after: ShuntConfig,
): ShuntConfig {
  const old = new Map<string, Row>(before[name].map((row) => [row.id, row]));
  const saved = textsById(after[name]);
  const isUsed = (id: string): boolean =>
    (name === "tunnels" ? usersOfTunnel(document, id) : name === "routes" ? [] : usersOf(document, id))
      .length > 0;
  const rows = (document[name] as readonly Row[]).flatMap((row) => {
    if (saved.get(row.id) !== textOf(row)) return [row];
    return old.get(row.id) ?? (isUsed(row.id) ? [row] : []);
  });
  // What is gone comes back where it was, unless its name is in use again.
  before[name].forEach((row, index) => {
    if (!saved.has(row.id) && !rows.some(({ id }) => id === row.id)) rows.splice(index, 0, row);
  });
  return { ...document, [name]: rows };
}

function textsById(rows: readonly Row[]): ReadonlyMap<string, string> {
  return new Map(rows.map((row) => [row.id, textOf(row)]));
}

/** The same text for the same row, in whatever order its keys were written. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
