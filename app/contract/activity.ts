/** The log of what happened, as past-tense facts. Never holds payloads or secrets. */
import type { FailureCode } from "./failures.ts";
import type { RefusedTarget } from "./galvanometer.ts";

export type ActivityEvent =
  | "engine-started"
  | "engine-stopped"
  | "limit-low"
  | "config-applied"
  | "config-refused"
  | "config-restored"
  | "route-listening"
  | "route-failed"
  | "route-draining"
  | "route-stopped"
  | "route-restarted"
  | "route-held"
  | "route-released"
  | "conditions-set"
  | "conditions-ended"
  | "connection-refused"
  | "connection-closed"
  | "connection-cut"
  | "connection-failed"
  | "backend-up"
  | "backend-down"
  | "backend-drained"
  | "backend-restarted"
  | "link-downgraded"
  | "link-restored"
  | "pool-moved"
  | "pool-promoted"
  | "client-moved"
  | "role-exceeded"
  | "guard-not-saved"
  | "agent-failed"
  | "tunnel-up"
  | "tunnel-down"
  | "tunnel-stopped"
  | "host-key-trusted"
  | "secrets-forgotten"
  | "galvanometer-opened"
  | "galvanometer-refused"
  | "galvanometer-allowed"
  | "galvanometer-unlocked"
  | "galvanometer-locked"
  | "galvanometer-closed"
  | "sandbox-started"
  | "sandbox-changed"
  | "sandbox-stopped";

export type Severity = "info" | "warning" | "error";

export interface ActivityEntry {
  /** Grows by one; unique within one run. */
  readonly sequence: number;
  readonly time: string;
  readonly severity: Severity;
  readonly event: ActivityEvent;
  /** One sentence for the operator. */
  readonly message: string;
  readonly code?: FailureCode;
  readonly route?: string;
  readonly backend?: string;
  /** Beside a route or a backend where those are what happened to. */
  readonly pool?: string;
  readonly tunnel?: string;
  readonly connection?: string;
  /** `galvanometer-refused`: what may be allowed, where the operator knows it. */
  readonly target?: RefusedTarget;
  /** How many like it were folded into this entry; absent means one. */
  readonly count?: number;
}
