/** Routes that have ended and still have connections: they live on for a while and are then cut. */
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { ConnectionRegistry } from "../forward/connection-registry.ts";
import type { ActivityNote } from "./activity-log.ts";

interface Drain {
  readonly route: RouteConfig;
  readonly timer: NodeJS.Timeout;
}

const runs = (route: RouteConfig): boolean => route.enabled !== false;

export class RouteDrains {
  readonly #drains = new Map<string, Drain>();
  readonly #registry: ConnectionRegistry;
  readonly #note: (note: ActivityNote) => void;

  constructor(registry: ConnectionRegistry, note: (note: ActivityNote) => void) {
    this.#registry = registry;
    this.#note = note;
  }

  /** Starts draining what the next configuration ends, and stops draining what it brings back. */
  begin(before: ShuntConfig, next: ShuntConfig, graceMs: number): void {
    const running = new Set(next.routes.filter(runs).map(({ id }) => id));
    for (const id of [...this.#drains.keys()]) if (running.has(id)) this.#forget(id);
    for (const route of before.routes) if (runs(route) && !running.has(route.id)) this.#drain(route, graceMs);
  }

  #drain(route: RouteConfig, graceMs: number): void {
    this.#forget(route.id);
    const open = this.#registry.openOfRoute(route.id).length;
    if (open === 0) {
      this.#note({
        event: "route-stopped",
        severity: "info",
        route: route.id,
        message: `${route.id} was stopped.`,
      });
      return;
    }
    if (graceMs === 0) return this.#cut(route);
    const message = `${route.id} is draining: ${open} open ${open === 1 ? "connection has" : "connections have"} ${Math.round(graceMs / 1000)} s to end.`;
    this.#note({ event: "route-draining", severity: "info", route: route.id, message });
    this.#drains.set(route.id, { route, timer: setTimeout(() => this.#cut(route), graceMs).unref() });
  }

  /** Cuts what is left of a draining route now. */
  hasten(id: string): void {
    const drain = this.#drains.get(id);
    if (drain) this.#cut(drain.route);
  }

  #cut(route: RouteConfig): void {
    this.#forget(route.id);
    const open = this.#registry.openOfRoute(route.id);
    for (const connection of open) connection.cut();
    const cut = `${open.length} ${open.length === 1 ? "connection was" : "connections were"} cut`;
    const message = open.length === 0 ? `${route.id} has drained.` : `${route.id} was stopped; ${cut}.`;
    this.#note({ event: "route-stopped", severity: "info", route: route.id, message });
  }

  #forget(id: string): void {
    clearTimeout(this.#drains.get(id)?.timer);
    this.#drains.delete(id);
  }

  /** Routes that are no longer in the configuration and still have connections, disabled as they are. */
  leaving(config: ShuntConfig): readonly RouteConfig[] {
    return [...this.#drains.values()]
      .map((drain) => drain.route)
      .filter(
        (route) =>
          !config.routes.some((one) => one.id === route.id) &&
          this.#registry.openOfRoute(route.id).length > 0,
      )
      .map((route) => ({ ...route, enabled: false }));
  }

  close(): void {
    for (const id of [...this.#drains.keys()]) this.#forget(id);
  }
}
