import { create } from "zustand";
import type { ByteCounts, RouteStatus } from "../../../app/contract/snapshot.ts";

/** One sample a second, this many are kept. */
export const historyLength = 60;

export interface RateSample extends ByteCounts {
  /** Open connections; not known of the time before the page was opened. */
  readonly open?: number;
}

export type RateHistory = Readonly<Record<string, readonly RateSample[]>>;

/** Bytes per second of every route over the last minute, oldest first. Written by `bridge/connect.ts` alone. */
export const useRateHistory = create<{ readonly byRoute: RateHistory }>()(() => ({ byRoute: {} }));

/** The history one second on: each route's present figures added, the oldest dropped, ended routes forgotten. */
export function sampleRates(history: RateHistory, routes: readonly RouteStatus[]): RateHistory {
  const next: Record<string, readonly RateSample[]> = {};
  for (const { id, rate, connections } of routes) {
    const sample = { ...rate, open: connections.open };
    const samples = history[id] ?? [];
    // Most routes are quiet: their minutes stay what they are, and need not be drawn again.
    const isStill = samples.length === historyLength && samples.every((before) => isSame(before, sample));
    next[id] = isStill ? samples : [...samples, sample].slice(-historyLength);
  }
  return next;
}

function isSame(one: RateSample, other: RateSample): boolean {
  return one.toClient === other.toClient && one.toBackend === other.toBackend && one.open === other.open;
}
