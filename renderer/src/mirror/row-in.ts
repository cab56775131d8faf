interface Row {
  readonly id: string;
}

const indexes = new WeakMap<readonly Row[], ReadonlyMap<string, Row>>();

/** One row of a mirrored collection: every row in sight looks itself up with each change set, and there may be thousands to look through. */
export function rowIn<Found extends Row>(rows: readonly Found[], id: string): Found | undefined {
  let index = indexes.get(rows) as ReadonlyMap<string, Found> | undefined;
  if (!index) indexes.set(rows, (index = new Map(rows.map((row) => [row.id, row]))));
  return index.get(id);
}
