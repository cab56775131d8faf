/**
 * Guarded clients that return by their AMPS name (`sticky: "client-name"`): each belongs to the member that took it last,
 * and going elsewhere is a failover from there. A name not seen before counts as the active member's.
 */
import type { Choice } from "../balance/choose-backend.ts";
import type { RouteConfig } from "../contract/config.ts";
import type { HomeStatus } from "../contract/snapshot.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import type { ClientHomes } from "./client-homes.ts";
import {
  guardPool,
  successor,
  takeovers,
  whyNobody,
  type GuardQuestion,
  type PoolView,
} from "./guard-pool.ts";

/** Where a named client may go. `stays`: to the member where it belongs, and nowhere else as things are. */
export type NamedPlace =
  | { readonly held: string }
  | { readonly stays: Choice }
  | { readonly from: string; readonly isNew: boolean; readonly among: readonly Choice[] };

/** When the memory is full, so many names are forgotten at once. */
const roomForNames = 100;

interface HeldNews {
  readonly event: "route-held" | "route-released";
  readonly message: string;
}

interface NamedClientsOptions {
  readonly homes: ClientHomes;
  readonly note: (note: ActivityNote) => void;
  /** Names of the clients whose connections are open. */
  readonly connected: () => ReadonlySet<string>;
}

export class NamedClients {
  readonly #options: NamedClientsOptions;
  readonly #homes: ClientHomes;
  /** By pool and member: why the clients that belong there are held. */
  readonly #held = new Map<string, { readonly pool: string; readonly reason: string }>();

  constructor(options: NamedClientsOptions) {
    this.#options = options;
    this.#homes = options.homes;
  }

  placeOf(view: PoolView, client: string): NamedPlace {
    const { pool, active } = view;
    if (this.#homes.isLost(pool.id)) return { held: lost(pool.id) };
    const known = this.#homes.of(pool.id, client);
    const home = known ?? active;
    if (home === null) return { held: `Held: which member of pool ${pool.id} is active is not known.` };
    const role = known === null ? `the active member of pool ${pool.id}` : `where ${client} belongs`;
    const question = questionOf(view, home, role);
    const decision = guardPool(question);
    if (decision.is === "held") return { held: decision.reason };
    if (decision.is === "stay" && known !== null)
      return { stays: { backend: home, why: `${client} belongs here` } };
    const may = takeovers(question).filter(({ away }) => away === null);
    if (decision.is === "stay") {
      const others = may.filter(({ verdict }) => verdict === "allow").map(({ to }) => to);
      return {
        from: home,
        isNew: true,
        among: [home, ...others].map((to) => choice(to, `${client} is new`)),
      };
    }
    const { verdict } = decision.takeover;
    const among = may
      .filter((one) => one.verdict === verdict)
      .map(({ to, link }) => choice(to, `failover of ${client} from ${home}: ${link.says}`));
    return { from: home, isNew: known === null, among };
  }

  /** The client goes there; resolves when that would survive the machine's end, or with why it may not. */
  async settle(view: PoolView, client: string, { backend, why }: Choice): Promise<string | null> {
    const { pool } = view;
    const before = this.#homes.of(pool.id, client);
    if (before === null && this.#homes.isFull) this.#makeRoom(view);
    if (before === null && this.#homes.isFull)
      return "Held: as many client names are remembered as there is room for, and none may be forgotten now.";
    if (before !== null && before !== backend)
      this.#options.note({
        event: "client-moved",
        severity: "warning",
        pool: pool.id,
        backend,
        message: `${client} of pool ${pool.id} goes to ${backend} now: ${why}.`,
      });
    await this.#homes.settle(pool.id, client, backend);
    return null;
  }

  /** A name forgotten counts as the active member's: that must have everything that was acknowledged to it. */
  #makeRoom({ pool, active, judge }: PoolView): void {
    const connected = this.#options.connected();
    this.#homes.makeRoom(roomForNames, (home) => {
      if (home.pool !== pool.id || connected.has(home.client) || active === null) return false;
      return home.member === active || judge(home.member, active).state === "sync";
    });
  }

  /** Tells where clients of a member came to be held, and where they no longer are. */
  evaluate(view: PoolView, routes: readonly RouteConfig[]): void {
    const homes = routes.length > 0 ? this.#membersWithClients(view) : [];
    const now = new Map<string, { readonly pool: string; readonly reason: string }>();
    for (const home of homes) {
      const decision = guardPool(questionOf(view, home, "where they belong"));
      if (decision.is !== "held") continue;
      const reason = `Clients of ${home} are held${decision.reason.replace(/^Held/, "")}`;
      now.set(`${view.pool.id} ${home}`, { pool: view.pool.id, reason });
    }
    for (const [key, { reason }] of now)
      if (!this.#held.has(key)) this.#tell(view, routes, { event: "route-held", message: reason });
    const freed = [...this.#held].filter(([key, { pool }]) => pool === view.pool.id && !now.has(key));
    for (const [key] of freed) this.#held.delete(key);
    for (const [key, held] of now) this.#held.set(key, held);
    if (freed.length > 0 && now.size === 0)
      this.#tell(view, routes, { event: "route-released", message: "Its clients are no longer held." });
  }

  #tell({ pool }: PoolView, routes: readonly RouteConfig[], what: HeldNews): void {
    const isHeld = what.event === "route-held";
    for (const { id } of routes)
      this.#options.note({
        ...what,
        severity: isHeld ? "error" : "info",
        pool: pool.id,
        route: id,
        ...(isHeld && { code: "ROUTE_HELD" }),
      });
  }

  #membersWithClients({ pool, active }: PoolView): readonly string[] {
    if (this.#homes.isLost(pool.id)) return [];
    return [...new Set([...(active === null ? [] : [active]), ...this.#homes.countsOf(pool.id).keys()])];
  }

  /** Why some of a pool's named clients are held, or null. */
  heldReason(pool: string): string | null {
    if (this.#homes.isLost(pool)) return lost(pool);
    const reasons = [...this.#held.values()].filter((held) => held.pool === pool).map(({ reason }) => reason);
    return reasons.length > 0 ? reasons.join(" ") : null;
  }

  /** The operator made a member active: the clients of members that are away go there, too. Returns how many. */
  promoted({ pool, members }: PoolView, to: string): number {
    this.#homes.found(pool.id, to);
    const isAway = (id: string) => members.find((member) => member.id === id)?.away !== null;
    return [...this.#homes.countsOf(pool.id).keys()]
      .filter((from) => from !== to && isAway(from))
      .reduce((moved, from) => moved + this.#homes.moveAll(pool.id, from, to), 0);
  }

  /** How many names belong to each member, and what would become of them. */
  describe(view: PoolView): readonly HomeStatus[] {
    return [...this.#homes.countsOf(view.pool.id)].map(([member, clients]) => {
      const candidates = takeovers(questionOf(view, member, ""));
      const next = successor(candidates);
      const whatIf = next
        ? `would go on at ${next.to}: ${next.link.says}`
        : `would be held: ${whyNobody(candidates)}`;
      return { member, clients, whatIf: `If ${member} failed now, its named clients ${whatIf}.` };
    });
  }
}

function lost(pool: string): string {
  return `Held: where the clients of pool ${pool} belong is not known, since Shunt's own record of it could not be read: promote the member that has everything.`;
}

function choice(backend: string, why: string): Choice {
  return { backend, why };
}

function questionOf({ members, judge }: PoolView, active: string, role: string): GuardQuestion {
  return { active, role, members, judge };
}
