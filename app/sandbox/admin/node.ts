/** A node of the statistics tree: a leaf's text, a group, or a collection of rows keyed by `id` (amps-facts 4.1). */
export type StatisticsNode = string | StatisticsGroup | readonly StatisticsRow[];
export interface StatisticsGroup {
  readonly [name: string]: StatisticsNode;
}
export type StatisticsRow = Readonly<Record<string, string>>;

/** What a path of the tree leads to, wrapped in its path as AMPS answers it; null where there is nothing. */
export function findNode(root: StatisticsNode, path: readonly string[]): Found | null {
  const [name, ...rest] = path;
  if (name === undefined) return { node: root, wrapped: root };
  if (typeof root === "string") return null;
  if (Array.isArray(root)) return findInRows(root as readonly StatisticsRow[], name, rest);
  const child = Object.hasOwn(root, name) ? (root as StatisticsGroup)[name] : undefined;
  const found = child === undefined ? null : findNode(child, rest);
  return found === null ? null : { node: found.node, wrapped: { [name]: found.wrapped } };
}

interface Found {
  readonly node: StatisticsNode;
  readonly wrapped: StatisticsNode;
}

/** A single row or one of its values still comes wrapped in the collection. */
function findInRows(rows: readonly StatisticsRow[], id: string, rest: readonly string[]): Found | null {
  const row = rows.find((candidate) => candidate["id"] === id);
  const [field, ...deeper] = rest;
  if (row === undefined || deeper.length > 0) return null;
  if (field === undefined) return { node: row, wrapped: [row] };
  const value = Object.hasOwn(row, field) ? row[field] : undefined;
  return value === undefined ? null : { node: value, wrapped: [{ id, [field]: value }] };
}
