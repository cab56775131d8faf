/** The member whose own statistics show the least load. Pure. */
import type { LoadFigure } from "../contract/config.ts";

/** What a member's newest statistics say, and what Shunt has placed there since they were taken. */
export interface MemberLoad {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly clients: number | null;
  readonly ageMs: number;
  /** The instance's own sampling interval. */
  readonly intervalMs: number;
  /** Connections that the sample cannot have seen. */
  readonly placedSince: number;
}

interface Loaded {
  readonly id: string;
  readonly load?: MemberLoad | null;
}

/** Beyond this many intervals a sample says nothing about now (amps-facts 7). */
const staleIntervals = 3;
/** What a new connection is taken to add until the next sample shows it: one percent of the machine. */
const sharePerConnection = 0.01;

/** `why` tells what decided, or, where nobody is chosen, whose load is not known. */
interface LeastLoaded {
  readonly id: string | null;
  readonly why: string;
}

export function leastLoaded(
  members: readonly Loaded[],
  figure: LoadFigure,
  weightOf: (id: string) => number,
): LeastLoaded {
  let best: { readonly id: string; readonly score: number; readonly why: string } | null = null;
  for (const { id, load } of members) {
    const known = load?.[figure] ?? null;
    if (!load || known === null) return { id: null, why: `no ${figure} statistics of ${id}` };
    if (load.ageMs > staleIntervals * load.intervalMs)
      return { id: null, why: `the statistics of ${id} are ${Math.round(load.ageMs / 1000)} s old` };
    const own = figure === "clients" ? 1 : sharePerConnection;
    const score = (known + (load.placedSince + 1) * own) / weightOf(id);
    if (!best || score < best.score) best = { id, score, why: describe(figure, known, load.placedSince) };
  }
  return best ?? { id: null, why: "no member" };
}

function describe(figure: LoadFigure, known: number, placed: number): string {
  const shown =
    figure === "clients"
      ? `${known} ${known === 1 ? "client" : "clients"}`
      : `${figure} ${Math.round(known * 100)} %`;
  return `least-load (${shown}${placed > 0 ? `, ${placed} placed since` : ""})`;
}
