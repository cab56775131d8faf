/** Puts what the engine knows of a pool into an agent's answer. */
import type { ShuntConfig } from "../contract/config.ts";
import { answerAgent } from "../agent/agent-answer.ts";
import type { PoolGuards } from "../guard/pool-guards.ts";
import type { BackendHealthWatch } from "../health/backend-health.ts";
import type { StatisticsWatch } from "../statistics/statistics-watch.ts";

interface AgentSources {
  readonly config: ShuntConfig;
  readonly health: BackendHealthWatch;
  readonly statistics: StatisticsWatch;
  readonly guards: PoolGuards;
}

/** An older load says nothing about now (amps-facts 7). */
const staleIntervals = 3;

export function answerForPool(
  sources: AgentSources,
  poolId: string,
  member: string,
  subscribers: boolean,
): string {
  const { config, health, statistics, guards } = sources;
  const pool = config.pools.find((one) => one.id === poolId);
  if (!pool) return "maint";
  const members = config.backends
    .filter((backend) => pool.members.includes(backend.id))
    .map((backend) => {
      const status = statistics.status(backend.id);
      const isFresh = Date.now() - (status?.sampledAtMs ?? 0) <= staleIntervals * (status?.intervalMs ?? 0);
      const load = isFresh ? (status?.load ?? null) : null;
      return {
        id: backend.id,
        health: health.status(backend.id).health,
        drained: backend.drained === true,
        load,
      };
    });
  const guarded = !subscribers && guards.isGuarding(poolId) ? guards.placeOf(poolId) : null;
  return answerAgent(member, { pool, members, guarded });
}
