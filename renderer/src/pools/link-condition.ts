import type { LinkState, LinkStatus, TakeoverStatus } from "../../../app/contract/snapshot.ts";
import type { Condition } from "../routes/route-condition.ts";

const byState: Readonly<Record<LinkState, Condition>> = {
  sync: { tone: "ok", shape: "disc", word: "sync", trouble: false },
  disconnected: { tone: "warn", shape: "triangle", word: "disconnected", trouble: true },
  downgraded: { tone: "warn", shape: "half", word: "downgraded", trouble: true },
  async: { tone: "busy", shape: "half", word: "async", trouble: false },
  none: { tone: "idle", shape: "ring", word: "no link", trouble: false },
  unknown: { tone: "idle", shape: "ring", word: "unknown", trouble: false },
};

/** A replication link as shown; what the operator declared is never taken for an observation. */
export function linkCondition({ state, source, secondsBehind }: LinkStatus): Condition {
  const condition = byState[state];
  const behind = secondsBehind !== null && secondsBehind > 0 ? `, ${secondsBehind} s behind` : "";
  return { ...condition, word: `${condition.word}${behind}${source === "declared" ? ", declared" : ""}` };
}

const byVerdict: Readonly<Record<TakeoverStatus["verdict"], Condition>> = {
  allow: { tone: "ok", shape: "disc", word: "Could take over", trouble: false },
  warn: { tone: "warn", shape: "triangle", word: "Could take over, with care", trouble: false },
  refuse: { tone: "bad", shape: "cross", word: "Must not take over", trouble: true },
};

/** What a member could do for the active one, as shown. */
export function takeoverCondition({ verdict, away }: TakeoverStatus): Condition {
  if (away !== null && verdict !== "refuse")
    return { tone: "idle", shape: "ring", word: `Cannot take over: ${away}`, trouble: true };
  return byVerdict[verdict];
}
