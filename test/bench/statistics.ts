/** Medians, spreads and ratios of repeated measurements. Pure. */

/** Of values that were measured again and again. */
export interface Summary {
  readonly median: number;
  /** Half of the values lie between the two. */
  readonly quartiles: Span;
  /** Where the median of ever more such values would be, in 95 of 100 cases at least. */
  readonly interval: Span;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function ascending(values: readonly number[]): readonly number[] {
  return [...values].sort((left, right) => left - right);
}

/** The value below which a share of them lies, from 0 to 1, between two where it falls between two; NaN of none. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [lower = Number.NaN, upper = lower] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return lower + (upper - lower) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(ascending(values), 0.5);
}

/**
 * How many of the least and of the most of `count` values may be left out so that the true median lies within the rest with 95 %
 * certainty: each value is below it with one chance in two (the sign test's interval). 0 for fewer than six, where even all do not have it.
 */
function beyondInterval(count: number): number {
  let outside = 0;
  let chance = 0.5 ** count;
  for (let sum = chance; sum <= 0.025; sum += chance) {
    outside++;
    chance *= (count - outside + 1) / outside;
  }
  return Math.max(0, outside - 1);
}

export function summarise(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const sorted = ascending(values);
  const beyond = beyondInterval(sorted.length);
  return {
    median: quantile(sorted, 0.5),
    quartiles: { from: quantile(sorted, 0.25), to: quantile(sorted, 0.75) },
    interval: {
      from: sorted[beyond] ?? Number.NaN,
      to: sorted[sorted.length - 1 - beyond] ?? Number.NaN,
    },
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
