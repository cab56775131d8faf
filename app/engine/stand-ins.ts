/** Ports that stand in for configured ones that could not be had, by the configured address; kept nowhere else. */
import type { RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { SessionListen } from "../contract/snapshot.ts";
import { formatHostPort, parseListen, type HostPort } from "../config/address.ts";
import { listenKey, type PlannedListener } from "../listen/listener-plan.ts";

interface StandIn {
  /** The routes that it was meant for. */
  readonly ids: ReadonlySet<string>;
  readonly address: HostPort;
  readonly status: { readonly listen: string; readonly instead: SessionListen };
}

export class StandIns {
  readonly #byKey = new Map<string, StandIn>();

  set({ key, routes }: PlannedListener, address: HostPort, why: Failure): void {
    this.#byKey.set(key, {
      ids: new Set(routes.map(({ id }) => id)),
      address,
      status: { listen: formatHostPort(address), instead: { configured: key, why: why.message } },
    });
  }

  /** The configured address still cannot be had. */
  renew(key: string, why: Failure): void {
    const one = this.#byKey.get(key);
    if (!one) return;
    const instead = { configured: key, why: why.message };
    this.#byKey.set(key, { ...one, status: { ...one.status, instead } });
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  /** Forgets those whose routes have been stopped or moved, and puts the others into the plan. */
  review(plan: ReadonlyMap<string, PlannedListener>): ReadonlyMap<string, PlannedListener> {
    const reviewed = new Map(plan);
    for (const [key, { ids, address }] of this.#byKey) {
      const wanted = plan.get(key);
      if (wanted?.routes.some(({ id }) => ids.has(id))) reviewed.set(key, { ...wanted, address });
      else this.#byKey.delete(key);
    }
    return reviewed;
  }

  /** The configured address of a key that another port stands in for; null where none does. */
  configured(key: string): HostPort | null {
    return this.#byKey.has(key) ? parseListen(key) : null;
  }

  of(route: RouteConfig): StandIn["status"] | null {
    // Asked for every route four times a second.
    return this.#byKey.size === 0 ? null : (this.#byKey.get(listenKey(route))?.status ?? null);
  }
}
