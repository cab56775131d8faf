import { useSyncExternalStore } from "react";
import { formatAge, formatRoughAge } from "./format.ts";

const watchers = new Set<() => void>();
let clock: ReturnType<typeof setInterval> | null = null;

/** One clock for every age in the page. */
function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  clock ??= setInterval(() => watchers.forEach((tell) => tell()), 1_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || clock === null) return;
    clearInterval(clock);
    clock = null;
  };
}

/** How long ago an ISO time was, in words; what shows it is drawn anew only when the words change. */
export function useAge(since: string): string {
  return useSyncExternalStore(watch, () => formatAge(since, Date.now()));
}

/** The same in its largest unit alone: `3 h`. */
export function useRoughAge(since: string): string {
  return useSyncExternalStore(watch, () => formatRoughAge(since, Date.now()));
}
