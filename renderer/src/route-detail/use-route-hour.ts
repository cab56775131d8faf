import { useEffect, useState } from "react";
import type { RouteHour } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";

/** As long as one step of the hour, so that no step is missed. */
const refreshMs = 15_000;

export interface FetchedHour {
  readonly hour: RouteHour;
  /** When it was fetched, in milliseconds since the epoch: its last sample is that old at most one step. */
  readonly atMs: number;
}

/** The last hour of a route, fetched anew every step; null until the first answer. */
export function useRouteHour(id: string): FetchedHour | null {
  const bridge = useBridge();
  const [fetched, setFetched] = useState<FetchedHour | null>(null);
  useEffect(() => {
    let open = true;
    const fetchHour = async (): Promise<void> => {
      const reply = await bridge.call("route.hour", { id });
      if (open && reply.ok) setFetched({ hour: reply.value, atMs: Date.now() });
    };
    void fetchHour();
    const timer = setInterval(() => void fetchHour(), refreshMs);
    return () => {
      open = false;
      clearInterval(timer);
    };
  }, [bridge, id]);
  return fetched;
}
