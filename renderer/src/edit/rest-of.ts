/** What a row has beyond the keys that a form edits: kept as it is when the form is saved. */
export function restOf<Row extends object, Key extends keyof Row>(
  row: Row | null,
  edited: readonly Key[],
): Partial<Omit<Row, Key>> {
  if (!row) return {};
  const own = new Set<string>(edited as readonly string[]);
  return Object.fromEntries(Object.entries(row).filter(([key]) => !own.has(key))) as Partial<Omit<Row, Key>>;
}
