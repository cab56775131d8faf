/** Which routes are under conditions, and until when. Nothing is saved: a restart knows of none. */
import type { ActiveConditions, Conditions } from "../contract/conditions.ts";
import type { Reply } from "../contract/commands.ts";
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import { accept, failure, refuse } from "../failures.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { Forwarding, Reached } from "../forward/forwarding.ts";
import { ConditionedSocket, type LiveConditions } from "./conditioned-socket.ts";
import { describeConditions } from "./describe-conditions.ts";

interface RouteConditionsOptions {
  readonly config: () => ShuntConfig;
  readonly note: (note: ActivityNote) => void;
  readonly onChange: () => void;
}

type Reaching = Pick<Forwarding, "reach" | "reachNamed" | "redial">;

interface Active extends ActiveConditions {
  readonly timer: NodeJS.Timeout;
}

/** Kept as long as a socket may listen to it, so that later conditions reach connections of earlier ones. */
class OneRoute implements LiveConditions {
  active: Active | null = null;
  readonly #listeners = new Set<() => void>();

  current(): Conditions | null {
    return this.active?.conditions ?? null;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(active: Active | null): void {
    if (this.active) clearTimeout(this.active.timer);
    this.active = active;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Backends of production: never under conditions, whatever route leads there. */
function isProduction(environment: string | undefined): boolean {
  return /^prod(uction)?$/i.test(environment?.trim() ?? "");
}

export class RouteConditions {
  readonly #options: RouteConditionsOptions;
  readonly #routes = new Map<string, OneRoute>();

  constructor(options: RouteConditionsOptions) {
    this.#options = options;
  }

  set(id: string, conditions: Conditions, forMs: number): Reply<ActiveConditions> {
    const says = describeConditions(conditions);
    if (says === "") return refuse("BAD_ARGUMENT", "The conditions are empty.");
    const route = this.#options.config().routes.find((one) => one.id === id);
    if (!route) return refuse("NOT_FOUND", `There is no route ${id}.`);
    const production = this.#productionBehind(route);
    if (production !== null)
      return refuse("CONDITIONS_REFUSED", `${id} leads to ${production}, which is production.`);
    const active: Active = {
      conditions,
      says,
      until: new Date(Date.now() + forMs).toISOString(),
      timer: setTimeout(() => this.#end(id, "their time is over"), forMs).unref(),
    };
    const one = this.#routes.get(id) ?? new OneRoute();
    this.#routes.set(id, one);
    one.change(active);
    this.#options.note({
      event: "conditions-set",
      severity: "warning",
      route: id,
      message: `${id} is under conditions until ${active.until}: ${says}.`,
    });
    this.#options.onChange();
    return accept({ conditions, says, until: active.until });
  }

  clear(id: string): Reply<null> {
    this.#end(id, "the operator ended them");
    return accept(null);
  }

  statusOf(id: string): ActiveConditions | null {
    const active = this.#routes.get(id)?.active;
    return active ? { conditions: active.conditions, until: active.until, says: active.says } : null;
  }

  /** Then a native door passes the route's clients on (engine/entrance.ts): what it dials itself is never wrapped. */
  areOn(id: string): boolean {
    return this.#routes.get(id)?.active != null;
  }

  /** Ends what the present configuration does not allow. */
  review(): void {
    const { routes } = this.#options.config();
    for (const id of [...this.#routes.keys()]) {
      const route = routes.find((one) => one.id === id);
      if (!route) this.#end(id, "the route is gone");
      else if (this.#productionBehind(route) !== null) this.#end(id, "the route leads to production now");
      if (!route) this.#routes.delete(id);
    }
  }

  /** Puts what is asked for every connection under the conditions of its route; a route without any pays one look-up. */
  over(inner: Reaching): Reaching {
    const under = async (
      route: RouteConfig,
      reach: () => Promise<Reply<Reached>>,
    ): Promise<Reply<Reached>> => {
      if (this.#routes.get(route.id)?.current()?.fault?.do === "down")
        return { ok: false, failure: failure("CONDITIONS_DOWN", `${route.id} is down by its conditions.`) };
      const reply = await reach();
      if (!reply.ok || !this.#routes.get(route.id)?.active) return reply;
      return accept({ ...reply.value, socket: this.#wrap(route.id, reply.value.socket) });
    };
    return {
      reach: (route, kind, signal) => under(route, () => inner.reach(route, kind, signal)),
      reachNamed: (route, client, signal) => under(route, () => inner.reachNamed(route, client, signal)),
      redial: async (route, backend, kind) => {
        const reply = await inner.redial(route, backend, kind);
        return reply.ok ? accept(this.#wrap(route.id, reply.value)) : reply;
      },
    };
  }

  close(): void {
    for (const { active } of this.#routes.values()) if (active) clearTimeout(active.timer);
  }

  #wrap(id: string, socket: BackendSocket): BackendSocket {
    const one = this.#routes.get(id);
    return one?.active ? new ConditionedSocket(socket, one) : socket;
  }

  #productionBehind(route: RouteConfig): string | null {
    const { pools, backends } = this.#options.config();
    const members = pools.find((pool) => pool.id === route.target)?.members ?? [route.target];
    return (
      backends.find(({ id, environment }) => members.includes(id) && isProduction(environment))?.id ?? null
    );
  }

  #end(id: string, why: string): void {
    const one = this.#routes.get(id);
    if (!one?.active) return;
    one.change(null);
    this.#options.note({
      event: "conditions-ended",
      severity: "info",
      route: id,
      message: `The conditions of ${id} have ended: ${why}.`,
    });
    this.#options.onChange();
  }
}
