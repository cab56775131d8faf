/** A guard at a desk of its own: time, health and statistics are what the test says; no sockets. */
import type { ActivityNote } from "../../app/engine/activity-log.ts";
import type { ClientRole, PoolConfig, ShuntConfig } from "../../app/contract/config.ts";
import { refuse } from "../../app/failures.ts";
import { createMemoryGuardStore, type GuardStore } from "../../app/guard/guard-store.ts";
import { PoolGuards } from "../../app/guard/pool-guards.ts";
import type { ReplicationRow } from "../../app/statistics/documents.ts";

export const intervalMs = 10_000;

export interface DeskOptions {
  readonly members?: readonly string[];
  readonly pool?: Partial<PoolConfig>;
  readonly clients?: ClientRole;
  /** The route is sticky, and the pool balanced. */
  readonly sticky?: boolean;
  /** Every member is behind this tunnel. */
  readonly via?: string;
  readonly store?: GuardStore;
}

export class GuardDesk {
  nowMs = 1_800_000_000_000;
  readonly notes: ActivityNote[] = [];
  readonly down = new Set<string>();
  readonly drained = new Set<string>();
  readonly connected = new Set<string>();
  readonly store: GuardStore;
  guards: PoolGuards;
  members: readonly string[];
  readonly #options: DeskOptions;
  readonly #startedMs = new Map<string, number>();
  #stamps = 0;

  constructor(options: DeskOptions = {}) {
    this.#options = options;
    this.members = options.members ?? ["a", "b"];
    this.store = options.store ?? createMemoryGuardStore();
    this.guards = this.#start();
  }

  #start(): PoolGuards {
    const guards = new PoolGuards({
      store: this.store,
      note: (note) => this.notes.push(note),
      isDown: (backend) => this.down.has(backend),
      instanceName: () => null,
      kindsUsed: () => ["amps"],
      statisticsUnread: () => null,
      connected: () => this.connected,
      now: () => this.nowMs,
    });
    guards.update(this.config());
    return guards;
  }

  config(): ShuntConfig {
    const ids = [...new Set([...this.members, ...(this.#options.members ?? ["a", "b"])])];
    return {
      version: 1,
      tunnels: [],
      backends: ids.map((id) => ({
        id,
        amps: `tcp://${id}:9007`,
        admin: `http://${id}:8085`,
        drained: this.drained.has(id),
        ...(this.#options.via !== undefined && { via: this.#options.via }),
      })),
      pools: [{ id: "p", members: this.members, balance: "round-robin", ...this.#options.pool }],
      routes: [
        {
          id: "r",
          listen: "127.0.0.1:9007",
          transport: "amps",
          target: "p",
          clients: this.#options.clients ?? "publishers",
          ...(this.#options.sticky && { sticky: "client-name" }),
        },
      ],
    };
  }

  apply(): void {
    this.guards.update(this.config());
  }

  /** Shunt ends and begins again with what it kept. */
  restartShunt(): void {
    this.guards.close();
    this.guards = this.#start();
  }

  pass(intervals: number): void {
    this.nowMs += intervals * intervalMs;
  }

  /** An instance's restart: its next sample shows another run. */
  restartInstance(id: string): void {
    this.#startedMs.set(id, this.nowMs);
  }

  /** The instance answers and tells its links: to every other member, or to those given. */
  sample(
    from: string,
    link: Partial<ReplicationRow> = {},
    to: readonly string[] = this.members.filter((id) => id !== from),
  ): void {
    const startedMs = this.#startedMs.get(from) ?? this.nowMs - 3_600_000;
    this.#startedMs.set(from, startedMs);
    this.guards.noteDial(from, { ok: true, value: null }, this.nowMs);
    this.guards.noteSample(from, {
      atMs: this.nowMs,
      intervalMs,
      name: from,
      run: { pid: startedMs % 100_000, uptimeMs: this.nowMs - startedMs },
      stamp: String(++this.#stamps),
      load: { cpu: null, memory: null, clients: null },
      links: to.map((destinationName) => ({
        destinationName,
        destinationAdmin: null,
        type: "sync",
        connected: true,
        secondsBehind: 0,
        typeAtConnect: "sync",
        ...link,
      })),
      linksReason: null,
    });
  }

  /** Nobody answers there, and a dial finds out. */
  fail(id: string): void {
    this.down.add(id);
    this.guards.noteDial(id, refuse("CONNECT_REFUSED", "refused"), this.nowMs);
    this.guards.evaluate();
  }

  /** Its tunnel fails: nobody can tell whether it answers. */
  lose(id: string): void {
    this.down.add(id);
    this.guards.noteDial(id, refuse("TUNNEL_LOST", "lost"), this.nowMs);
    this.guards.evaluate();
  }

  /** It answers again. */
  recover(id: string): void {
    this.down.delete(id);
    this.guards.noteDial(id, { ok: true, value: null }, this.nowMs);
    this.guards.evaluate();
  }

  /** A named client connects: which member takes it, or why it is held. `pick` chooses where there is a choice. */
  async connect(client: string, pick: (among: readonly string[]) => string = ([first = ""]) => first) {
    const pool = this.#pool();
    const place = this.guards.placeOfNamed(pool, client);
    if ("held" in place) return place.held;
    const choices = "stays" in place ? [place.stays] : place.among;
    const to = pick(choices.map(({ backend }) => backend));
    const choice = choices.find(({ backend }) => backend === to);
    if (!choice) throw new Error(`${to} was not to be chosen`);
    return (await this.guards.settleNamed(pool, client, choice)) ?? to;
  }

  #pool(): PoolConfig {
    const [pool] = this.config().pools;
    if (!pool) throw new Error("no pool");
    return pool;
  }

  get place(): string {
    const place = this.guards.placeOf("p");
    return "to" in place ? place.to : place.held;
  }

  get status() {
    return this.guards.status(this.#pool());
  }

  events(): readonly string[] {
    return this.notes.map((note) => note.event);
  }
}

/** Two samples in a row show a→b and b→a sync. */
export function trusted(options: DeskOptions = {}): GuardDesk {
  const desk = new GuardDesk(options);
  for (let time = 0; time < 2; time++) {
    desk.pass(1);
    for (const id of desk.members) desk.sample(id);
  }
  return desk;
}
