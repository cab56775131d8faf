import type { ConnectionCounts, RouteStatus } from "../../../app/contract/snapshot.ts";
import { useMirroredRow } from "../mirror/use-mirrored.ts";

/** A route's row but for the figures that change all the time. */
export interface RouteLook extends Omit<RouteStatus, "bytes" | "rate" | "connections"> {
  /** Counted down while it drains, 0 otherwise. */
  readonly connections: Pick<ConnectionCounts, "open">;
}

/** Null for a route that has gone. */
export function useRouteLook(id: string): RouteLook | null {
  return useMirroredRow("routes", id, lookOf);
}

function lookOf({ bytes: _bytes, rate: _rate, connections, ...look }: RouteStatus): RouteLook {
  return { ...look, connections: { open: look.state === "draining" ? connections.open : 0 } };
}
