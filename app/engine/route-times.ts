/** Since when each route is as it is, and when something was last wrong with it. */
import type { LastTrouble, RouteStatus } from "../contract/snapshot.ts";

/** What of a route decides how it is. */
export type RouteLook = Pick<RouteStatus, "state" | "reason" | "targetHealth" | "targetReason">;

interface RouteTimesStatus {
  readonly since: string;
  readonly lastTrouble: LastTrouble | null;
}

interface Known {
  readonly how: string;
  readonly status: RouteTimesStatus;
}

export class RouteTimes {
  readonly #byId = new Map<string, Known>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** To be told of every look; the times are the same object for as long as nothing has changed. */
  of(id: string, look: RouteLook): RouteTimesStatus {
    const known = this.#byId.get(id);
    const how = howItIs(look);
    if (known?.how === how) return known.status;
    const since = new Date(this.#now()).toISOString();
    const lastTrouble = troubles.has(how)
      ? { at: since, reason: look.reason ?? look.targetReason }
      : (known?.status.lastTrouble ?? null);
    const status = { since, lastTrouble };
    this.#byId.set(id, { how, status });
    return status;
  }

  /** The route has begun anew, too quickly for a look to see it. */
  renew(id: string): void {
    const known = this.#byId.get(id);
    if (known) this.#byId.set(id, { ...known, how: "" });
  }

  forget(isKnown: (id: string) => boolean): void {
    for (const id of this.#byId.keys()) if (!isKnown(id)) this.#byId.delete(id);
  }
}

/** A listener in front of a target in trouble is another thing than one that works; a target not probed yet is not. */
function howItIs({ state, targetHealth }: RouteLook): string {
  const ailing = state === "listening" && (targetHealth === "down" || targetHealth === "degraded");
  return ailing ? `${state}, ${targetHealth}` : state;
}

const troubles: ReadonlySet<string> = new Set([
  "failed",
  "held",
  "degraded",
  "listening, down",
  "listening, degraded",
]);
