import { create } from "zustand";
import type { ByteCounts, RouteStatus } from "../../../app/contract/snapshot.ts";

/** One sample a second, this many are kept. */
export const historyLength = 60;

export type RateHistory = Readonly<Record<string, readonly ByteCounts[]>>;

/** Bytes per second of every route over the last minute, oldest first. Written by `bridge/connect.ts` alone. */
export const useRateHistory = create<{ readonly byRoute: RateHistory }>()(() => ({ byRoute: {} }));

/** The history one second on: each route's present rate added, the oldest dropped, ended routes forgotten. */
export function sampleRates(history: RateHistory, routes: readonly RouteStatus[]): RateHistory {
  const next: Record<string, readonly ByteCounts[]> = {};
  for (const { id, rate } of routes) next[id] = [...(history[id] ?? []), rate].slice(-historyLength);
  return next;
}
