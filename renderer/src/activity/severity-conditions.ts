import type { Severity } from "../../../app/contract/activity.ts";
import type { Condition } from "../routes/route-condition.ts";

/** How severe an entry is, as colour, shape and word. */
export const severityConditions: Readonly<Record<Severity, Condition>> = {
  info: { tone: "idle", shape: "ring", word: "Info", trouble: false },
  warning: { tone: "warn", shape: "triangle", word: "Warning", trouble: true },
  error: { tone: "bad", shape: "cross", word: "Error", trouble: true },
};
