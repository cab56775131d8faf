/** The pools' active members: remembers links, moves guarded clients where the table allows, holds them where it does not. */
import type { Reply } from "../contract/commands.ts";
import type {
  BackendConfig,
  EndpointKind,
  PoolConfig,
  RouteConfig,
  ShuntConfig,
} from "../contract/config.ts";
import type { PoolStatus } from "../contract/snapshot.ts";
import { isGuarded, type GuardedPlace } from "../balance/choose-backend.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import { accept, refuse } from "../failures.ts";
import { readLinks } from "../statistics/replication-peers.ts";
import type { StatisticsSample } from "../statistics/sample.ts";
import { emptyGuardMemory, type GuardMemory, type GuardStore } from "./guard-store.ts";
import { forgetMoved } from "./forget-moved.ts";
import { guardPool, takeovers, type GuardMember, type GuardQuestion } from "./guard-pool.ts";
import { judgeLink, type LinkJudgement } from "./judge-link.ts";
import { compareRuns, learn, type SourceKnowledge } from "./link-knowledge.ts";
import { MemberLives } from "./member-lives.ts";
import { tellChanges } from "./tell-changes.ts";
import { describePool } from "./describe-pool.ts";

export interface PoolGuardsOptions {
  readonly store: GuardStore;
  readonly note: (note: ActivityNote) => void;
  /** True where none of these endpoints of a backend takes connections. */
  readonly isDown: (backend: string, kinds: readonly EndpointKind[]) => boolean;
  /** The instance's own name where the configuration gives none. */
  readonly instanceName: (backend: string) => string | null;
  /** Which endpoints a route uses of a backend. */
  readonly kindsUsed: (route: RouteConfig, backend: BackendConfig) => readonly EndpointKind[];
  readonly now?: () => number;
}

/** Observations are written this long after they came, several at once. */
const saveDelayMs = 1_000;

export class PoolGuards {
  readonly #options: PoolGuardsOptions;
  readonly #now: () => number;
  readonly #lives = new MemberLives();
  readonly #held = new Map<string, string>();
  #memory: GuardMemory;
  /** The memory was there and could not be read: which members were active is not known. */
  #lost: boolean;
  #config: Pick<ShuntConfig, "backends" | "pools"> = { backends: [], pools: [] };
  #guardedRoutes = new Map<string, readonly RouteConfig[]>();
  #saving: NodeJS.Timeout | null = null;
  #saveFailed = false;

  constructor(options: PoolGuardsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const loaded = options.store.load();
    this.#lost = loaded === null;
    this.#memory = loaded ?? emptyGuardMemory;
  }

  update(config: ShuntConfig): void {
    this.#config = config;
    this.#guardedRoutes = new Map(
      config.pools.map((pool) => [
        pool.id,
        config.routes.filter(
          (route) =>
            route.target === pool.id &&
            route.transport !== "replication" &&
            route.enabled !== false &&
            isGuarded(route.clients ?? "mixed"),
        ),
      ]),
    );
    this.#memory = forgetMoved(this.#memory, config.backends);
    // Pools that are gone keep their entries: one that comes back must not begin anew.
    const pools = { ...this.#memory.pools };
    for (const { id, members } of config.pools) {
      const first = this.#lost && members.length > 1 ? null : (members[0] ?? null);
      pools[id] = this.#poolMemory(id) ?? { active: first, sinceMs: null };
    }
    this.#lost = false;
    this.#memory = { ...this.#memory, pools };
    if (Object.keys(pools).length > 0) this.#save(true);
    this.evaluate();
  }

  noteDial(backend: string, reply: Reply<unknown>, startedMs: number): void {
    this.#lives.noteDial(backend, reply, startedMs);
  }

  noteSample(backend: string, sample: StatisticsSample): void {
    const own = this.#config.backends.find((one) => one.id === backend);
    if (!own || sample.links === null || sample.intervalMs === null) return;
    // Another instance answers at this address: what it says is not about this backend.
    if (own.instanceName !== undefined && sample.name !== null && own.instanceName !== sample.name) return;
    const mates = this.#matesOf(backend);
    if (mates.size === 0) return;
    const peers = this.#config.backends
      .filter((one) => one.id !== backend)
      .map((one) => ({ id: one.id, name: this.#nameOf(one), admin: one.admin }));
    const links = new Map([...readLinks(sample.links, peers)].filter(([to]) => mates.has(to)));
    const before = this.#memory.sources[backend] ?? null;
    const { atMs, intervalMs, run, stamp } = sample;
    const reading = { atMs, intervalMs, run, stamp, links };
    const after = learn(before, reading);
    if (after === before) return;
    this.#memory = { ...this.#memory, sources: { ...this.#memory.sources, [backend]: after } };
    const restarted = before !== null && compareRuns(before, reading) === "restarted";
    tellChanges({ backend, before, after, restarted, note: this.#options.note });
    this.#saveSoon();
    this.evaluate();
  }

  #nameOf(backend: BackendConfig): string {
    return this.#options.instanceName(backend.id) ?? backend.instanceName ?? backend.id;
  }

  #matesOf(backend: string): ReadonlySet<string> {
    const shared = this.#config.pools.filter(
      (pool) => pool.members.includes(backend) || this.activeOf(pool.id) === backend,
    );
    return new Set(shared.flatMap((pool) => pool.members).filter((id) => id !== backend));
  }

  /** Moves, holds and releases as things stand now; to be called whenever they may have changed. */
  evaluate(): void {
    for (const pool of this.#config.pools) this.#evaluatePool(pool);
  }

  #evaluatePool(pool: PoolConfig): void {
    if ((this.#guardedRoutes.get(pool.id) ?? []).length === 0) return this.#release(pool, null);
    const question = this.#questionOf(pool);
    if (question === null) {
      const why = "Shunt's own record of it could not be read; promote the member that was active last";
      return this.#hold(pool, `Held: which member of pool ${pool.id} is active is not known: ${why}.`);
    }
    const decision = guardPool(question);
    if (decision.is === "held") return this.#hold(pool, decision.reason);
    if (decision.is === "move") {
      const { to, link, why } = decision.takeover;
      this.#setActive(pool.id, to);
      this.#options.note({
        event: "pool-moved",
        severity: "warning",
        backend: to,
        message: `Guarded clients of pool ${pool.id} go to ${to} instead of ${question.active}: ${link.says}. ${why}`,
      });
    }
    this.#release(pool, this.activeOf(pool.id));
  }

  #hold(pool: PoolConfig, reason: string): void {
    const wasHeld = this.#held.has(pool.id);
    this.#held.set(pool.id, reason);
    if (!wasHeld)
      for (const route of this.#guardedRoutes.get(pool.id) ?? [])
        this.#noteRoute(route.id, "route-held", reason);
  }

  #release(pool: PoolConfig, active: string | null): void {
    if (!this.#held.delete(pool.id) || active === null) return;
    for (const route of this.#guardedRoutes.get(pool.id) ?? [])
      this.#noteRoute(
        route.id,
        "route-released",
        `${route.id} is no longer held: its clients go to ${active}.`,
      );
  }

  #noteRoute(route: string, event: "route-held" | "route-released", message: string): void {
    const severity = event === "route-held" ? "error" : "info";
    this.#options.note({
      event,
      severity,
      route,
      message,
      ...(event === "route-held" && { code: "ROUTE_HELD" }),
    });
  }

  #questionOf(pool: PoolConfig): GuardQuestion | null {
    const active = this.activeOf(pool.id);
    if (active === null) return null;
    const members = pool.members.map((id) => this.#memberOf(pool, id));
    return { pool: pool.id, active, members, judge: (from, to) => this.#judge(pool, from, to) };
  }

  #memberOf(pool: PoolConfig, id: string): GuardMember {
    const backend = this.#config.backends.find((one) => one.id === id);
    if (!backend) return { id, away: "is not configured" };
    if (backend.drained) return { id, away: "is drained" };
    for (const route of this.#guardedRoutes.get(pool.id) ?? []) {
      const kinds = carrying(this.#options.kindsUsed(route, backend));
      if (kinds.length === 0 || this.#options.isDown(id, kinds))
        return { id, away: "does not take connections" };
    }
    return { id, away: null };
  }

  #judge(pool: PoolConfig, from: string, to: string): LinkJudgement {
    const nowMs = this.#now();
    return judgeLink({
      from,
      to,
      source: this.#sourceOf(from),
      stoppedAtMs: this.#lives.stoppedAtMs(from, nowMs),
      nowMs,
      declared: pool.links?.find((link) => link.from === from && link.to === to)?.type ?? null,
    });
  }

  #sourceOf(backend: string): SourceKnowledge | null {
    const { sources } = this.#memory;
    return Object.hasOwn(sources, backend) ? (sources[backend] ?? null) : null;
  }

  #poolMemory(pool: string): GuardMemory["pools"][string] | null {
    const { pools } = this.#memory;
    return Object.hasOwn(pools, pool) ? (pools[pool] ?? null) : null;
  }

  activeOf(pool: string): string | null {
    return this.#poolMemory(pool)?.active ?? null;
  }

  /** True where an enabled route brings guarded clients to the pool. */
  isGuarding(pool: string): boolean {
    return (this.#guardedRoutes.get(pool) ?? []).length > 0;
  }

  /** Where a guarded client of the pool goes. */
  placeOf(pool: string): GuardedPlace {
    const held = this.#held.get(pool);
    const active = this.activeOf(pool);
    if (held !== undefined || active === null) return { held: held ?? `Pool ${pool} has no active member.` };
    return { to: active };
  }

  promote(poolId: string, member: string): Reply<null> {
    const pool = this.#config.pools.find((one) => one.id === poolId);
    if (!pool?.members.includes(member))
      return refuse(
        "NOT_FOUND",
        pool ? `${member} is not a member of pool ${poolId}.` : `There is no pool ${poolId}.`,
      );
    const before = this.activeOf(poolId);
    if (before === member) return accept(null);
    const link =
      before === null ? "which member was active is not known" : this.#judge(pool, before, member).says;
    this.#setActive(poolId, member);
    this.#options.note({
      event: "pool-promoted",
      severity: "warning",
      backend: member,
      message: `The operator made ${member} the active member of pool ${poolId}${before === null ? "" : ` instead of ${before}`}: ${link}.`,
    });
    this.evaluate();
    return accept(null);
  }

  #setActive(pool: string, active: string): void {
    const pools = { ...this.#memory.pools, [pool]: { active, sinceMs: this.#now() } };
    this.#memory = { ...this.#memory, pools };
    // Before the first client goes there: a crash must not bring the old one back.
    this.#save(true);
  }

  status(pool: PoolConfig): PoolStatus {
    const question = this.#questionOf(pool);
    const guarded = this.#guardedRoutes.get(pool.id) ?? [];
    const candidates = question ? takeovers(question) : [];
    return describePool({
      pool,
      active: question?.active ?? null,
      sinceMs: this.#poolMemory(pool.id)?.sinceMs ?? null,
      held: this.#held.get(pool.id) ?? null,
      guardedRoutes: guarded.map((route) => route.id),
      candidates,
      judge: (from, to) => this.#judge(pool, from, to),
      sourceOf: (id) => this.#sourceOf(id),
    });
  }

  #saveSoon(): void {
    this.#saving ??= setTimeout(() => this.#save(false), saveDelayMs).unref();
  }

  #save(durable: boolean): void {
    if (this.#saving) clearTimeout(this.#saving);
    this.#saving = null;
    const failed = this.#options.store.save(this.#memory, durable);
    if (failed !== null && !this.#saveFailed)
      this.#options.note({
        event: "guard-not-saved",
        severity: "error",
        message: `Which members are active, and what their links are, cannot be kept for the next start: ${failed}.`,
      });
    this.#saveFailed = failed !== null;
  }

  close(): void {
    if (this.#saving) this.#save(true);
  }
}

/** Of a path route the paths that carry AMPS clients count; admin only where there is nothing else. */
function carrying(kinds: readonly EndpointKind[]): readonly EndpointKind[] {
  const clients = kinds.filter((kind) => kind !== "admin");
  return clients.length > 0 ? clients : kinds;
}
