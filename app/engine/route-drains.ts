/** Routes that have ended and still have connections: they live on for a while and are then cut. */
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { ConnectionRegistry } from "../forward/connection-registry.ts";
import type { ActivityNote } from "./activity-log.ts";

interface Drain {
  readonly route: RouteConfig;
  readonly timer: NodeJS.Timeout;
}

/** `5 s`, `10 min`. */
function inWords(ms: number): string {
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1000)} s`;
}

const runs = (route: RouteConfig): boolean => route.enabled !== false;

export class RouteDrains {
  readonly #drains = new Map<string, Drain>();
  /** Connections from before a restart are cut then; by route id. */
  readonly #restarts = new Map<string, NodeJS.Timeout>();
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

  /** A route's listener opens afresh: what is open on it now ends within `graceMs`, what comes later stays. */
  restart({ id }: RouteConfig, graceMs: number): void {
    this.#forget(id);
    const old = this.#registry.openOfRoute(id);
    const cut = (): void => {
      this.#restarts.delete(id);
      for (const connection of old) connection.cut();
    };
    const cutLate = (): void => {
      const left = old.filter(({ isOpen }) => isOpen).length;
      cut();
      if (left === 0) return;
      const message = `${id}: ${left} ${left === 1 ? "connection" : "connections"} from before the restart ${left === 1 ? "was" : "were"} cut.`;
      this.#note({ event: "connection-cut", severity: "info", route: id, message });
    };
    const became = graceMs === 0 ? "cut" : `given ${inWords(graceMs)} to end`;
    const connections = `${old.length} open ${old.length === 1 ? "connection was" : "connections were"} ${became}`;
    const message = `${id} was restarted${old.length === 0 ? "" : `; ${connections}`}.`;
    this.#note({ event: "route-restarted", severity: "info", route: id, message });
    if (old.length === 0) return;
    if (graceMs === 0) cut();
    else this.#restarts.set(id, setTimeout(cutLate, graceMs).unref());
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
    const message = `${route.id} is draining: ${open} open ${open === 1 ? "connection has" : "connections have"} ${inWords(graceMs)} to end.`;
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
    clearTimeout(this.#restarts.get(id));
    this.#restarts.delete(id);
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
    for (const id of [...this.#drains.keys(), ...this.#restarts.keys()]) this.#forget(id);
  }
}
