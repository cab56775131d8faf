import type { Health, RouteState, RouteStatus } from "../../../app/contract/snapshot.ts";
import type { RouteLook } from "./route-look.ts";

/** What colour and weight a state has. */
export type Tone = "ok" | "warn" | "bad" | "busy" | "idle";
/** The shape that says the same without colour. */
export type Shape = "disc" | "ring" | "triangle" | "cross" | "pause" | "spinner" | "half";

export interface Condition {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: string;
  /** True when an operator should look at it. */
  readonly trouble: boolean;
}

const byState: Readonly<Record<RouteState, Condition>> = {
  stopped: { tone: "idle", shape: "ring", word: "Stopped", trouble: false },
  starting: { tone: "busy", shape: "spinner", word: "Starting", trouble: false },
  listening: { tone: "ok", shape: "disc", word: "Listening", trouble: false },
  held: { tone: "warn", shape: "pause", word: "Held", trouble: true },
  degraded: { tone: "warn", shape: "half", word: "Degraded", trouble: true },
  draining: { tone: "busy", shape: "spinner", word: "Draining", trouble: false },
  failed: { tone: "bad", shape: "cross", word: "Failed", trouble: true },
};

/** The state of a route as shown: a listener that is fine in front of a target that is not is never green. */
export function routeCondition(status: Pick<RouteLook, "state" | "targetHealth" | "connections">): Condition {
  const condition = byState[status.state];
  if (status.state === "draining")
    return { ...condition, word: `Draining, ${status.connections.open}\u00a0left` };
  if (status.state !== "listening") return condition;
  if (status.targetHealth === "down")
    return { tone: "warn", shape: "triangle", word: "Listening, backend down", trouble: true };
  if (status.targetHealth === "degraded")
    return { tone: "warn", shape: "half", word: "Listening, backend degraded", trouble: true };
  return condition;
}

const byHealth: Readonly<Record<Health, Condition>> = {
  up: { tone: "ok", shape: "disc", word: "Up", trouble: false },
  degraded: { tone: "warn", shape: "half", word: "Degraded", trouble: true },
  down: { tone: "bad", shape: "cross", word: "Down", trouble: true },
  unknown: { tone: "idle", shape: "ring", word: "Not checked", trouble: false },
};

/** The health of a backend or an endpoint as shown. */
export function healthCondition(health: Health): Condition {
  return byHealth[health];
}

/** True for a route that has a listener, or is about to. */
export function isRunning(state: RouteState): boolean {
  return state !== "stopped" && state !== "draining";
}

/** How many routes an operator should look at. */
export function countTrouble(routes: readonly RouteStatus[]): number {
  return routes.filter((route) => routeCondition(route).trouble).length;
}
