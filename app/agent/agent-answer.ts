/** What HAProxy's agent-check is told of a pool member: the guard's word for guarded clients, the load for subscribers. Pure. */
import type { GuardedPlace } from "../balance/choose-backend.ts";
import type { LoadFigure, PoolConfig } from "../contract/config.ts";
import type { BackendLoad, Health } from "../contract/snapshot.ts";

export interface AgentMember {
  readonly id: string;
  readonly health: Health;
  readonly drained: boolean;
  /** Null where it is not known, or too old. */
  readonly load: Omit<BackendLoad, "at"> | null;
}

interface AgentQuestion {
  readonly pool: PoolConfig;
  readonly members: readonly AgentMember[];
  /** Where guarded clients go; null where only subscribers are meant. */
  readonly guarded: GuardedPlace | null;
}

/**
 * `ready` takes back an earlier `drain` or `maint`, which HAProxy keeps otherwise. Who is not the active member is in
 * `maint`: HAProxy must not send it a guarded client even when everything else is down.
 */
export function answerAgent(id: string, { pool, members, guarded }: AgentQuestion): string {
  const member = members.find((one) => one.id === id);
  if (!member) return "maint";
  if (guarded && !("to" in guarded && guarded.to === id)) return "maint";
  if (member.drained) return "drain";
  if (member.health === "down") return "ready down";
  const share = guarded || pool.balance !== "least-load" ? 100 : shareOf(member, members, pool.load ?? "cpu");
  return `ready up ${share}%`;
}

/** Percent of the server's configured weight: what is idle of the machine, or its clients against the fewest. */
function shareOf(member: AgentMember, members: readonly AgentMember[], figure: LoadFigure): number {
  const own = member.load?.[figure] ?? null;
  if (own === null) return 100;
  if (figure !== "clients") return Math.max(1, Math.round((1 - own) * 100));
  const fewest = Math.min(...members.map((one) => one.load?.clients ?? own));
  return Math.max(1, Math.round(((fewest + 1) / (own + 1)) * 100));
}
