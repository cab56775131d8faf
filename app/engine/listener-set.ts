/** The running listeners, kept in step with the configuration; only what differs is touched. */
import type { RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { listensOverlap, type HostPort } from "../config/address.ts";
import type { Forwarding } from "../forward/forwarding.ts";
import type { Doors } from "../forward/native-door.ts";
import type { Admission } from "../listen/admission.ts";
import { canKeep, listenKey, planListeners } from "../listen/listener-plan.ts";
import { createListener, type Listener, type ListenerState } from "../listen/listener.ts";
import type { ActivityNote } from "./activity-log.ts";

export interface ListenerSetOptions {
  readonly forwarding: Forwarding;
  readonly note: (note: ActivityNote) => void;
  readonly onChange: () => void;
  readonly admission: Admission;
  readonly doors: Doors | null;
}

export class ListenerSet {
  readonly #running = new Map<string, Listener>();
  /** By route id; asked for every route four times a second. */
  readonly #serving = new Map<string, Listener>();
  readonly #options: ListenerSetOptions;

  constructor(options: ListenerSetOptions) {
    this.#options = options;
  }

  async apply(routes: readonly RouteConfig[]): Promise<void> {
    const plan = planListeners(routes);
    for (const [key, listener] of this.#running) {
      const wanted = plan.get(key);
      if (wanted && canKeep(listener.plan, wanted)) this.#take(listener, wanted);
      else this.#end(key, listener);
    }
    const opening: Promise<void>[] = [];
    for (const [key, wanted] of plan) {
      if (this.#running.has(key)) continue;
      const listener = createListener(wanted, {
        forwarding: this.#options.forwarding,
        knowledge: { ownRoute: (address) => this.ownRoute(address) },
        onChange: this.#options.onChange,
        admission: this.#options.admission,
        doors: this.#options.doors,
      });
      this.#running.set(key, listener);
      opening.push(this.#open(listener));
    }
    this.#serving.clear();
    for (const listener of this.#running.values())
      for (const { id } of listener.plan.routes) this.#serving.set(id, listener);
    await Promise.all(opening);
  }

  /** Every client that was let in is in the book when this returns; `apply` is to follow. */
  hold(): void {
    for (const listener of this.#running.values()) listener.hold();
    this.#options.doors?.hear();
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
      const at = route.path === undefined ? listener.plan.key : `${listener.plan.key}${route.path}`;
      this.#options.note({
        event: "route-listening",
        severity: "info",
        route: route.id,
        message: `${route.id} is listening on ${at}.`,
      });
    }
  }

  /** Tries a failed listener again; returns why it failed again, or null. */
  async retry(route: RouteConfig): Promise<Failure | null> {
    const listener = this.#running.get(listenKey(route));
    if (!listener) return null;
    if (listener.state.is === "failed") await this.#open(listener);
    return listener.state.is === "failed" ? listener.state.failure : null;
  }

  /** The state of the listener that serves a route, or null where none does. */
  stateOf(route: RouteConfig): ListenerState | null {
    return this.#serving.get(route.id)?.state ?? null;
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
