/** What is known of backends: whether they answer, what their statistics say, and where guarded clients may go. */
import { createDial, type Dial } from "../forward/dial.ts";
import type { OpenTcp } from "../forward/open-tcp.ts";
import { createMemoryGuardStore } from "../guard/guard-store.ts";
import { PoolGuards } from "../guard/pool-guards.ts";
import { BackendHealthWatch } from "../health/backend-health.ts";
import { StatisticsWatch } from "../statistics/statistics-watch.ts";
import type { EngineOptions } from "./engine-options.ts";
import type { EngineHub } from "./engine-hub.ts";
import { kindsUsed } from "./route-targets.ts";

export interface Watches {
  readonly dial: Dial;
  readonly health: BackendHealthWatch;
  readonly statistics: StatisticsWatch;
  readonly guards: PoolGuards;
}

export function createWatches(hub: EngineHub, openTcp: OpenTcp, options: EngineOptions): Watches {
  const { note, registry, changed } = hub;
  const open = createDial(openTcp);
  /** Every dial tells the guard whether somebody answered. */
  const dial: Dial = async (backend, kind, how = {}) => {
    const startedMs = Date.now();
    const reply = await open(backend, kind, how);
    if (!how.signal?.aborted) guards.noteDial(backend.id, reply, startedMs);
    return reply;
  };
  const health = new BackendHealthWatch({
    dial,
    note,
    onChange() {
      guards.evaluate();
      changed();
    },
    ...(options.probeIntervalMs !== undefined && { intervalMs: options.probeIntervalMs }),
    ...(options.probeDownIntervalMs !== undefined && { downIntervalMs: options.probeDownIntervalMs }),
    ...(options.fall !== undefined && { fall: options.fall }),
    ...(options.rise !== undefined && { rise: options.rise }),
  });
  const guards = new PoolGuards({
    store: options.guardStore ?? createMemoryGuardStore(),
    note,
    isDown: (backend, kinds) => kinds.every((kind) => health.of(backend, [kind]).health === "down"),
    instanceName: (backend) => statistics.status(backend)?.name ?? health.status(backend).instanceName,
    kindsUsed,
    statisticsUnread: (backend) => statistics.status(backend)?.reason ?? null,
    connected: () => registry.ampsClients(),
  });
  const statistics = new StatisticsWatch({
    dial,
    onSample(backend, sample) {
      // What was placed shortly before the reading may have come after the instance's own sample.
      registry.noteSample(backend, sample.atMs - (sample.intervalMs ?? 0));
      guards.noteSample(backend, sample);
      changed();
    },
    onFailed: changed,
    ...options.statistics,
  });
  return { dial, health, statistics, guards };
}
