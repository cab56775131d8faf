/** How the guard sees a pool at this moment: which members take its guarded clients, why others do not, and what links count as. */
import type { Reply } from "../contract/commands.ts";
import type {
  BackendConfig,
  EndpointKind,
  PoolConfig,
  RouteConfig,
  ShuntConfig,
} from "../contract/config.ts";
import { isGuarded } from "../balance/choose-backend.ts";
import type { GuardRecord } from "./guard-record.ts";
import type { GuardMember, PoolView } from "./guard-pool.ts";
import { judgeLink, type LinkJudgement } from "./judge-link.ts";
import { MemberLives } from "./member-lives.ts";

export interface PoolViewsOptions {
  readonly record: GuardRecord;
  /** True where none of these endpoints of a backend takes connections. */
  readonly isDown: (backend: string, kinds: readonly EndpointKind[]) => boolean;
  /** Which endpoints a route uses of a backend. */
  readonly kindsUsed: (route: RouteConfig, backend: BackendConfig) => readonly EndpointKind[];
  /** Why the newest reading of a backend's statistics failed, a sentence; null where it did not. */
  readonly statisticsUnread: (backend: string) => string | null;
  readonly now: () => number;
}

export class PoolViews {
  readonly #options: PoolViewsOptions;
  readonly #lives = new MemberLives();
  #config: Pick<ShuntConfig, "backends" | "pools"> = { backends: [], pools: [] };
  #guardedRoutes = new Map<string, readonly RouteConfig[]>();
  #subscribed: ReadonlySet<string> = new Set();

  constructor(options: PoolViewsOptions) {
    this.#options = options;
  }

  update(config: ShuntConfig): void {
    this.#config = config;
    this.#guardedRoutes = new Map(config.pools.map((pool) => [pool.id, guardedRoutes(config, pool)]));
    this.#subscribed = new Set(
      config.routes
        .filter(({ clients, enabled }) => clients === "subscribers" && enabled !== false)
        .map(({ target }) => target),
    );
  }

  noteDial(backend: string, reply: Reply<unknown>, startedMs: number): void {
    this.#lives.noteDial(backend, reply, startedMs);
  }

  /** The enabled routes that bring guarded clients to a pool. */
  guarded(pool: string): readonly RouteConfig[] {
    return this.#guardedRoutes.get(pool) ?? [];
  }

  /** Whether an enabled route brings plain subscribers to a pool. */
  hasSubscribers(pool: string): boolean {
    return this.#subscribed.has(pool);
  }

  of(pool: PoolConfig): PoolView {
    return {
      pool,
      active: this.#options.record.activeOf(pool.id),
      members: pool.members.map((id) => this.#memberOf(pool, id)),
      judge: (from, to) => this.#judge(pool, from, to),
    };
  }

  #memberOf(pool: PoolConfig, id: string): GuardMember {
    const backend = this.#backend(id);
    if (!backend) return { id, away: "is not configured" };
    if (backend.drained) return { id, away: "is drained" };
    if (this.guarded(pool.id).every((route) => this.#takes(route, backend))) return { id, away: null };
    const tunnel = this.#unseenBehind(id);
    const hidden = `cannot be reached while tunnel ${tunnel} is down`;
    return { id, away: tunnel === null ? "does not take connections" : hidden };
  }

  /** Of a path route the paths that carry AMPS clients count; admin only where there is nothing else. */
  #takes(route: RouteConfig, backend: BackendConfig): boolean {
    const kinds = this.#options.kindsUsed(route, backend);
    const clients = kinds.filter((kind) => kind !== "admin");
    const carrying = clients.length > 0 ? clients : kinds;
    return carrying.length > 0 && !this.#options.isDown(backend.id, carrying);
  }

  /** Takes note of the members that take connections: nothing hides them any more. */
  lookAgain(): void {
    for (const { id, members } of this.#config.pools) {
      const routes = this.guarded(id);
      if (routes.length === 0) continue;
      for (const member of members) {
        const backend = this.#backend(member);
        if (backend && routes.every((route) => this.#takes(route, backend))) this.#lives.noteUp(member);
      }
    }
  }

  /** The tunnel that hides a backend from Shunt, or null. */
  #unseenBehind(id: string): string | null {
    const via = this.#backend(id)?.via;
    return via !== undefined && this.#lives.isUnseen(id) ? via : null;
  }

  #judge(pool: PoolConfig, from: string, to: string): LinkJudgement {
    const nowMs = this.#options.now();
    return judgeLink({
      from,
      to,
      source: this.#options.record.sourceOf(from),
      unread: this.#options.statisticsUnread(from),
      stoppedAtMs: this.#lives.stoppedAtMs(from, nowMs),
      nowMs,
      unseenBehind: this.#unseenBehind(from),
      declared: pool.links?.find((link) => link.from === from && link.to === to)?.type ?? null,
    });
  }

  #backend(id: string): BackendConfig | undefined {
    return this.#config.backends.find((one) => one.id === id);
  }
}

function guardedRoutes({ routes }: ShuntConfig, pool: PoolConfig): readonly RouteConfig[] {
  return routes.filter(
    ({ target, transport, enabled, clients = "mixed" }) =>
      target === pool.id && transport !== "replication" && enabled !== false && isGuarded(clients),
  );
}
