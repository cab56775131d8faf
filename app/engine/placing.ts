/** What placing a connection needs: the members as they are now, and dials that are counted while they last. */
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, EndpointKind, PoolConfig, ShuntConfig } from "../contract/config.ts";
import type { MemberState } from "../balance/choose-backend.ts";
import { accept } from "../failures.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { ConnectionRegistry } from "../forward/connection-registry.ts";
import type { Dial, DialHow } from "../forward/dial.ts";
import type { DialsElsewhere } from "../forward/forwarding.ts";
import type { PoolGuards } from "../guard/pool-guards.ts";
import type { BackendHealthWatch } from "../health/backend-health.ts";
import type { StatisticsWatch } from "../statistics/statistics-watch.ts";

export interface PlacingOptions {
  readonly config: () => ShuntConfig;
  readonly dial: Dial;
  readonly registry: ConnectionRegistry;
  readonly health: BackendHealthWatch;
  readonly statistics: StatisticsWatch;
  readonly guards: PoolGuards;
  readonly now?: () => number;
}

export interface Placing {
  /** Those of the backends that have such an endpoint, with the memory of whose turn it is. */
  members(
    pool: PoolConfig,
    backends: readonly BackendConfig[],
    kind: EndpointKind,
  ): { readonly members: readonly MemberState[]; readonly turns: Map<string, number> };
  /** Dials, and lets the health of the backend know. */
  dial(
    backend: BackendConfig,
    kind: EndpointKind,
    how?: Pick<DialHow, "signal" | "tlsPassthrough">,
  ): Promise<Reply<BackendSocket>>;
  readonly elsewhere: DialsElsewhere;
}

export function createPlacing(options: PlacingOptions): Placing {
  const { registry, health, statistics, now = Date.now } = options;
  const turns = new Map<string, Map<string, number>>();
  const dialling = new Map<string, number>();

  const begin = (backend: string): void => void dialling.set(backend, (dialling.get(backend) ?? 0) + 1);
  const end = (backend: string): void => {
    const left = (dialling.get(backend) ?? 1) - 1;
    if (left > 0) dialling.set(backend, left);
    else dialling.delete(backend);
  };
  const memberState = (backend: BackendConfig, kind: EndpointKind): MemberState => {
    const status = statistics.status(backend.id);
    const inDial = dialling.get(backend.id) ?? 0;
    return {
      id: backend.id,
      health: health.of(backend.id, [kind]).health,
      drained: backend.drained === true,
      connections: registry.openOn(backend.id) + inDial,
      load:
        status?.load && status.sampledAtMs !== null
          ? {
              ...status.load,
              ageMs: now() - status.sampledAtMs,
              intervalMs: status.intervalMs,
              placedSince: registry.placedSince(backend.id) + inDial,
            }
          : null,
    };
  };
  return {
    members(pool, backends, kind) {
      const memory = turns.get(pool.id) ?? new Map<string, number>();
      turns.set(pool.id, memory);
      const able = backends.filter((backend) => backend[kind] !== undefined);
      return { members: able.map((backend) => memberState(backend, kind)), turns: memory };
    },
    async dial(backend, kind, how = {}) {
      const { signal, tlsPassthrough = false } = how;
      begin(backend.id);
      const reply = await options.dial(backend, kind, how);
      end(backend.id);
      // Where TLS is passed through, nothing was seen of it yet: that somebody listens is not that the endpoint is well.
      const says = !reply.ok || !tlsPassthrough;
      if (!signal?.aborted && says) health.noteDial(backend.id, kind, reply.ok ? null : reply.failure);
      return reply;
    },
    elsewhere: {
      began: begin,
      ended(backend, kind, outcome) {
        end(backend);
        if (outcome === null) return;
        const { failure, startedMs } = outcome;
        options.guards.noteDial(backend, failure ? { ok: false, failure } : accept(null), startedMs);
        health.noteDial(backend, kind, failure);
      },
    },
  };
}
