import type { TunnelStatus } from "../../../app/contract/snapshot.ts";
import type { Condition } from "../routes/route-condition.ts";

const byState: Readonly<Record<TunnelStatus["state"], Condition>> = {
  up: { tone: "ok", shape: "disc", word: "Up", trouble: false },
  connecting: { tone: "busy", shape: "spinner", word: "Connecting", trouble: false },
  down: { tone: "bad", shape: "cross", word: "Down", trouble: true },
  unknown: { tone: "idle", shape: "ring", word: "Not used yet", trouble: false },
};

/** The state of a tunnel as shown. */
export function tunnelCondition(state: TunnelStatus["state"]): Condition {
  return byState[state];
}

/** `Tries again in 4 s.`; what has no next attempt says so. */
export function nextAttempt(status: TunnelStatus, type: string, nowMs: number): string | null {
  if (status.state !== "down") return null;
  if (status.retryAt !== null) {
    const seconds = Math.max(0, Math.ceil((Date.parse(status.retryAt) - nowMs) / 1_000));
    return seconds === 0 ? "Tries again now." : `Tries again in ${seconds} s.`;
  }
  return type === "ssh" ? "Does not try again by itself." : "Tries again with the next connection.";
}
