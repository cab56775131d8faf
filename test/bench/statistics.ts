/** Medians, spreads and ratios of repeated measurements. Pure. */

interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function summarise(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  return {
    median: median(values),
    least: Math.min(...values),
    most: Math.max(...values),
    count: values.length,
  };
}

/**
 * The median of the ratios of each round: what one round measured of both has the machine's mood of that round in common.
 * By round, null where a round has no value; null where no round has both.
 */
export function pairedRatio(
  values: readonly (number | null)[],
  peer: readonly (number | null)[],
): Summary | null {
  const ratios = values.flatMap((value, round) => {
    const other = peer[round];
    return value === null || other === null || other === undefined || other === 0 ? [] : [value / other];
  });
  return summarise(ratios);
}

/** The items in an order that differs from round to round, so that each is first, last and in between. */
export function rotated<T>(items: readonly T[], round: number): readonly T[] {
  if (items.length === 0) return items;
  const turn = round % items.length;
  const turned = [...items.slice(turn), ...items.slice(0, turn)];
  // Every other round backwards: a neighbour's wake then falls on somebody else.
  return round % 2 === 0 ? turned : turned.reverse();
}
