/** The pools' active members: learns links, moves guarded clients where the table allows, holds them where it does not. */
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, PoolConfig, RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { PoolStatus } from "../contract/snapshot.ts";
import type { Choice, GuardedPlace } from "../balance/choose-backend.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import { accept, refuse } from "../failures.ts";
import { readLinks } from "../statistics/replication-peers.ts";
import type { StatisticsSample } from "../statistics/sample.ts";
import { ClientHomes } from "./client-homes.ts";
import { describePool } from "./describe-pool.ts";
import { GuardRecord } from "./guard-record.ts";
import type { GuardStore } from "./guard-store.ts";
import { guardPool, takeovers, type GuardQuestion } from "./guard-pool.ts";
import { compareRuns, learn } from "./link-knowledge.ts";
import { NamedClients, type NamedPlace } from "./named-clients.ts";
import { PoolViews, type PoolViewsOptions } from "./pool-views.ts";
import { staleData } from "./stale-data.ts";
import { tellChanges } from "./tell-changes.ts";

interface PoolGuardsOptions extends Pick<PoolViewsOptions, "isDown" | "kindsUsed" | "statisticsUnread"> {
  readonly store: GuardStore;
  readonly note: (note: ActivityNote) => void;
  /** The instance's own name where the configuration gives none. */
  readonly instanceName: (backend: string) => string | null;
  /** AMPS names of the clients whose connections are open. */
  readonly connected: () => ReadonlySet<string>;
  readonly now?: () => number;
}

export class PoolGuards {
  readonly #options: PoolGuardsOptions;
  readonly #now: () => number;
  readonly #record: GuardRecord;
  readonly #homes: ClientHomes;
  readonly #named: NamedClients;
  readonly #views: PoolViews;
  readonly #held = new Map<string, string>();
  #config: Pick<ShuntConfig, "backends" | "pools"> = { backends: [], pools: [] };

  constructor(options: PoolGuardsOptions) {
    const { store, note, connected, now = Date.now } = options;
    this.#options = options;
    this.#now = now;
    this.#record = new GuardRecord(store, note);
    this.#views = new PoolViews({ ...options, record: this.#record, now });
    this.#homes = new ClientHomes(store.homes, note);
    this.#named = new NamedClients({ homes: this.#homes, note, connected });
  }

  update(config: ShuntConfig): void {
    this.#config = config;
    this.#views.update(config);
    this.#record.update(config.pools, config.backends);
    this.#homes.update(config.pools.map(({ id }) => id));
    this.evaluate();
  }

  noteDial(backend: string, reply: Reply<unknown>, startedMs: number): void {
    this.#views.noteDial(backend, reply, startedMs);
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
    const before = this.#record.sourceOf(backend);
    const { atMs, intervalMs, run, stamp } = sample;
    const reading = { atMs, intervalMs, run, stamp, links };
    const after = learn(before, reading);
    if (after === before) return;
    this.#record.setSource(backend, after);
    const restarted = before !== null && compareRuns(before, reading) === "restarted";
    tellChanges({ backend, before, after, restarted, note: this.#options.note });
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
    this.#views.lookAgain();
    for (const pool of this.#config.pools) {
      this.#evaluatePool(pool);
      this.#named.evaluate(this.#views.of(pool), this.#routesOf(pool, "sticky"));
    }
  }

  /** The pool's guarded routes: those whose clients follow the active member, or those that return by name. */
  #routesOf(pool: PoolConfig, which: "follow" | "sticky"): readonly RouteConfig[] {
    return this.#views
      .guarded(pool.id)
      .filter((route) => (route.sticky !== undefined) === (which === "sticky"));
  }

  #evaluatePool(pool: PoolConfig): void {
    if (!this.isGuarding(pool.id)) return this.#release(pool, null);
    const question = this.#questionOf(pool);
    if (question === null) {
      const why = "Shunt's own record of it could not be read; promote the member that was active last";
      return this.#hold(pool, `Held: which member of pool ${pool.id} is active is not known: ${why}.`);
    }
    const decision = guardPool(question);
    if (decision.is === "held") return this.#hold(pool, decision.reason);
    if (decision.is === "move") {
      const { to, link, why } = decision.takeover;
      this.#record.setActive(pool.id, to, this.#now());
      const who =
        this.#routesOf(pool, "follow").length > 0 ? "Guarded clients" : "Client names not seen before";
      this.#options.note({
        event: "pool-moved",
        severity: "warning",
        pool: pool.id,
        backend: to,
        message: `${who} of pool ${pool.id} go to ${to} instead of ${question.active}: ${link.says}. ${why}`,
      });
    }
    this.#release(pool, this.activeOf(pool.id));
  }

  #hold(pool: PoolConfig, reason: string): void {
    const wasHeld = this.#held.has(pool.id);
    this.#held.set(pool.id, reason);
    if (wasHeld) return;
    for (const { id } of this.#routesOf(pool, "follow"))
      this.#options.note({
        event: "route-held",
        severity: "error",
        pool: pool.id,
        route: id,
        message: reason,
        code: "ROUTE_HELD",
      });
  }

  #release(pool: PoolConfig, active: string | null): void {
    if (!this.#held.delete(pool.id) || active === null) return;
    for (const { id } of this.#routesOf(pool, "follow"))
      this.#options.note({
        event: "route-released",
        severity: "info",
        pool: pool.id,
        route: id,
        message: `${id} is no longer held: its clients go to ${active}.`,
      });
  }

  #questionOf(pool: PoolConfig): GuardQuestion | null {
    const { active, members, judge } = this.#views.of(pool);
    return active === null ? null : { active, role: `the active member of pool ${pool.id}`, members, judge };
  }

  activeOf(pool: string): string | null {
    return this.#record.activeOf(pool);
  }

  /** True where an enabled route brings guarded clients to the pool. */
  isGuarding(pool: string): boolean {
    return this.#views.guarded(pool).length > 0;
  }

  /** Where a guarded client of the pool goes that follows the active member. */
  placeOf(pool: string): GuardedPlace {
    const held = this.#held.get(pool);
    const active = this.activeOf(pool);
    if (held !== undefined || active === null) return { held: held ?? `Pool ${pool} has no active member.` };
    return { to: active };
  }

  /** Where a client of a sticky route goes. */
  placeOfNamed(pool: PoolConfig, client: string): NamedPlace {
    return this.#named.placeOf(this.#views.of(pool), client);
  }

  /** It goes there: resolves when that is written down, with why it must not where it cannot be. */
  settleNamed(pool: PoolConfig, client: string, choice: Choice): Promise<string | null> {
    return this.#named.settle(this.#views.of(pool), client, choice);
  }

  /** Why some named clients of the pool are held, or null. */
  namedHeld(pool: string): string | null {
    return this.#named.heldReason(pool);
  }

  promote(poolId: string, member: string): Reply<null> {
    const pool = this.#config.pools.find((one) => one.id === poolId);
    if (!pool?.members.includes(member))
      return refuse(
        "NOT_FOUND",
        pool ? `${member} is not a member of pool ${poolId}.` : `There is no pool ${poolId}.`,
      );
    const before = this.activeOf(poolId);
    const link =
      before === null
        ? "which member was active is not known"
        : this.#views.of(pool).judge(before, member).says;
    const moved = this.#named.promoted(this.#views.of(pool), member);
    const told: string[] = [];
    if (before !== member) {
      this.#record.setActive(poolId, member, this.#now());
      const instead = before === null ? "" : ` instead of ${before}`;
      told.push(`The operator made ${member} the active member of pool ${poolId}${instead}: ${link}.`);
    }
    if (moved > 0)
      told.push(
        `By the operator's word ${moved} named clients of members that are away belong to ${member} now.`,
      );
    if (told.length > 0)
      this.#options.note({
        event: "pool-promoted",
        severity: "warning",
        pool: poolId,
        backend: member,
        message: told.join(" "),
      });
    this.evaluate();
    return accept(null);
  }

  status(pool: PoolConfig): PoolStatus {
    const view = this.#views.of(pool);
    const question = this.#questionOf(pool);
    const sticky = this.#routesOf(pool, "sticky");
    const named = sticky.length > 0 ? this.namedHeld(pool.id) : null;
    return describePool({
      pool,
      active: question?.active ?? null,
      sinceMs: this.#record.activeSinceMs(pool.id),
      held: this.#routesOf(pool, "follow").length > 0 ? (this.#held.get(pool.id) ?? named) : named,
      following: this.#routesOf(pool, "follow").map((route) => route.id),
      sticky: sticky.map((route) => route.id),
      candidates: question ? takeovers(question) : [],
      homes: sticky.length > 0 ? this.#named.describe(view) : [],
      judge: view.judge,
      staleData: this.#views.hasSubscribers(pool.id)
        ? staleData({ ...view, active: this.isGuarding(pool.id) ? view.active : null })
        : [],
      sourceOf: (id) => this.#record.sourceOf(id),
    });
  }

  close(): void {
    this.#record.close();
    this.#homes.close();
  }
}
