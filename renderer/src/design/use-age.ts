import { useSyncExternalStore } from "react";
import { formatAge, formatRoughAge } from "./format.ts";

const everyMs = 1_000;
/** How much later than after a second the next joint stroke may come. */
const graceMs = 300;

const watchers = new Set<() => void>();
let clock: ReturnType<typeof setTimeout> | null = null;

/** One clock for every age in the page. */
function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  clock ??= setTimeout(strike, everyMs);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || clock === null) return;
    clearTimeout(clock);
    clock = null;
  };
}

function strike(): void {
  clock = setTimeout(strike, everyMs);
  watchers.forEach((tell) => tell());
}

/** All ages go on now, and a second later by themselves unless this is called again: what else changes once a second is drawn in the same frame. */
export function strikeAges(): void {
  if (clock === null) return;
  clearTimeout(clock);
  clock = setTimeout(strike, everyMs + graceMs);
  watchers.forEach((tell) => tell());
}

/** How long ago an ISO time was, in words; what shows it is drawn anew only when the words change. */
export function useAge(since: string): string {
  return useSyncExternalStore(watch, () => formatAge(since, Date.now()));
}

/** The same in its largest unit alone: `3 h`. */
export function useRoughAge(since: string): string {
  return useSyncExternalStore(watch, () => formatRoughAge(since, Date.now()));
}
