/** The running listeners, kept in step with the configuration; only what differs is touched. */
import type { RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { SessionListen } from "../contract/snapshot.ts";
import { formatHostPort, listensOverlap, type HostPort } from "../config/address.ts";
import type { Forwarding } from "../forward/forwarding.ts";
import type { Doors } from "../forward/native-door.ts";
import type { Admission } from "../listen/admission.ts";
import {
  canKeep,
  listenKey,
  planListeners,
  spotOf,
  staysAsItIs,
  type PlannedListener,
} from "../listen/listener-plan.ts";
import { createListener, type Listener } from "../listen/listener.ts";
import type { ActivityNote } from "./activity-log.ts";
import { StandIns } from "./stand-ins.ts";

interface ListenerSetOptions {
  readonly forwarding: Forwarding;
  readonly note: (note: ActivityNote) => void;
  readonly onChange: () => void;
  readonly admission: Admission;
  readonly doors: Doors | null;
}

/** What the next configuration asks of the listeners. */
interface ListenerChange {
  readonly plan: ReadonlyMap<string, PlannedListener>;
  /** They go on as they are: of a thousand, a save changes a few. */
  readonly untouched: ReadonlySet<Listener>;
}

export class ListenerSet {
  readonly #running = new Map<string, Listener>();
  /** By route id; asked for every route four times a second. */
  readonly #serving = new Map<string, Listener>();
  readonly #standIns = new StandIns();
  readonly #options: ListenerSetOptions;

  constructor(options: ListenerSetOptions) {
    this.#options = options;
  }

  async apply({ plan, untouched }: ListenerChange): Promise<void> {
    let planned: ReadonlySet<string> | null = null;
    const goesOn = ({ id }: RouteConfig): boolean => (planned ??= routeIdsOf(plan)).has(id);
    const moving = new Map<string, Listener>();
    for (const [key, listener] of this.#running) {
      if (untouched.has(listener)) continue;
      const wanted = plan.get(key);
      if (wanted && canKeep(listener.plan, wanted)) this.#take(listener, wanted);
      else if (listener.plan.routes.some(goesOn)) moving.set(key, listener);
      else this.#end(key, listener);
    }
    await Promise.all([...moving].map(([key, listener]) => this.#leave(key, listener)));
    const opening: Promise<void>[] = [];
    for (const [key, wanted] of plan) {
      if (this.#running.has(key)) continue;
      const listener = this.#create(wanted);
      this.#running.set(key, listener);
      opening.push(this.#open(listener));
    }
    this.#serving.clear();
    for (const listener of this.#running.values()) this.#serve(listener);
    await Promise.all(opening);
  }

  #create(plan: PlannedListener): Listener {
    return createListener(plan, {
      forwarding: this.#options.forwarding,
      knowledge: { ownRoute: (address) => this.ownRoute(address) },
      onChange: this.#options.onChange,
      admission: this.#options.admission,
      doors: this.#options.doors,
    });
  }

  #serve(listener: Listener): void {
    for (const { id } of listener.plan.routes) this.#serving.set(id, listener);
  }

  /**
   * Every client that was let in by a listener that changes is in the book when this returns; `apply` is to follow, in the same
   * turn. `reachesSame`: the route's target is what it was, in every part.
   */
  hold(routes: readonly RouteConfig[], reachesSame: (route: RouteConfig) => boolean): ListenerChange {
    const plan = this.#standIns.review(planListeners(routes));
    const untouched = new Set<Listener>();
    for (const [key, listener] of this.#running) {
      const wanted = plan.get(key);
      if (wanted && staysAsItIs(listener.plan, wanted) && wanted.routes.every(reachesSame))
        untouched.add(listener);
      else listener.hold();
    }
    this.#options.doors?.hear();
    return { plan, untouched };
  }

  /** Routes may be under conditions, or no longer. */
  review(): void {
    for (const listener of this.#running.values()) listener.review();
    this.#options.doors?.hear();
  }

  #take(listener: Listener, wanted: Listener["plan"]): void {
    const had = new Set(listener.plan.routes.map((route) => route.id));
    listener.update(wanted);
    const fresh = wanted.routes.filter((route) => !had.has(route.id));
    if (fresh.length > 0 && listener.state.is === "listening") this.#tellListening(listener, fresh);
  }

  #end(key: string, listener: Listener): void {
    listener.close();
    this.#running.delete(key);
  }

  /** Ends a listener whose routes go on: clients that wait to be accepted are not reset (decision 86). */
  async #leave(key: string, listener: Listener): Promise<void> {
    await listener.closeServed();
    this.#running.delete(key);
  }

  async #open(listener: Listener): Promise<void> {
    await listener.open();
    const { state, plan } = listener;
    if (state.is === "listening") this.#tellListening(listener, plan.routes);
    if (state.is !== "failed") return;
    for (const route of plan.routes) {
      this.#options.note({
        event: "route-failed",
        severity: "error",
        route: route.id,
        code: state.failure.code,
        message: `${route.id} cannot listen: ${state.failure.message} ${state.failure.advice}`,
      });
    }
  }

  #tellListening(listener: Listener, routes: readonly RouteConfig[]): void {
    for (const route of routes) {
      const at = `${formatHostPort(listener.plan.address)}${spotOf(route)}`;
      this.#options.note({
        event: "route-listening",
        severity: "info",
        route: route.id,
        message: `${route.id} is listening on ${at}.`,
      });
    }
  }

  /** Tries a failed listener again, or to go back from a port that stands in; returns why it failed again, or null. */
  async retry(route: RouteConfig): Promise<Failure | null> {
    const key = listenKey(route);
    const listener = this.#running.get(key);
    if (!listener) return null;
    const configured = this.#standIns.configured(key);
    if (configured) {
      const failed = await this.#replace(listener, configured);
      if (failed) this.#standIns.renew(key, failed);
      else this.#standIns.forget(key);
      this.#options.onChange();
      return failed;
    }
    if (listener.state.is === "failed") await this.#open(listener);
    return failureOf(listener);
  }

  /**
   * Closes a route's listener and opens a fresh one at the same address; one that other routes share stays open.
   * `endConnections` is called before, when every client that was let in is in the book; who comes after it is served.
   * Returns why it does not listen, or null.
   */
  async restart(route: RouteConfig, endConnections: () => void): Promise<Failure | null> {
    const key = listenKey(route);
    const listener = this.#running.get(key);
    if (!listener) return null;
    listener.hold();
    this.#options.doors?.hear();
    if (listener.plan.routes.length > 1 && listener.state.is === "listening") {
      endConnections();
      listener.update(listener.plan);
      return null;
    }
    endConnections();
    await this.#leave(key, listener);
    const fresh = this.#create(listener.plan);
    this.#running.set(key, fresh);
    this.#serve(fresh);
    await this.#open(fresh);
    return failureOf(fresh);
  }

  /** Another port in the place of a listener's that has failed; returns why that cannot be had either, or null. */
  async standIn(listener: Listener, port: number): Promise<Failure | null> {
    const why = failureOf(listener);
    if (!why) return null;
    const { plan } = listener;
    const address = { ...plan.address, port };
    const failed = await this.#replace(listener, address);
    if (!failed) this.#standIns.set(plan, address, why);
    this.#options.onChange();
    return failed;
  }

  /** Opens a listener elsewhere and lets it take a running one's place; one that cannot be opened changes nothing. */
  async #replace(running: Listener, address: HostPort): Promise<Failure | null> {
    const fresh = this.#create({ ...running.plan, address });
    await fresh.open();
    const failed = failureOf(fresh);
    if (failed) {
      fresh.close();
      return failed;
    }
    const { key } = running.plan;
    await this.#leave(key, running);
    this.#running.set(key, fresh);
    this.#serve(fresh);
    this.#tellListening(fresh, fresh.plan.routes);
    return null;
  }

  /** The listener that serves a route, or null where none does. */
  of(route: RouteConfig): Listener | null {
    return this.#serving.get(route.id) ?? null;
  }

  /** What a route listens on for this session only, and what that stands in for; null: as configured. */
  sessionListenOf(route: RouteConfig): { readonly listen: string; readonly instead: SessionListen } | null {
    return this.#serving.has(route.id) ? this.#standIns.of(route) : null;
  }

  /** The id of a route whose listener has the address. */
  ownRoute(address: HostPort): string | null {
    for (const { plan, state } of this.#running.values()) {
      if (state.is === "listening" && listensOverlap(plan.address, address))
        return plan.routes[0]?.id ?? null;
    }
    return null;
  }

  closeAll(): void {
    for (const [key, listener] of this.#running) this.#end(key, listener);
  }
}

function routeIdsOf(plan: ReadonlyMap<string, PlannedListener>): ReadonlySet<string> {
  return new Set([...plan.values()].flatMap(({ routes }) => routes.map(({ id }) => id)));
}

function failureOf({ state }: Listener): Failure | null {
  return state.is === "failed" ? state.failure : null;
}
