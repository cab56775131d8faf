/** Fits what a source gave into a configuration: free ids, free addresses, nothing twice. Pure. */
import type { BackendConfig, RouteConfig, ShuntConfig, TunnelConfig } from "../contract/config.ts";
import type { ImportItem } from "../contract/import.ts";
import { endpointKinds } from "../config/endpoint-kinds.ts";
import { isSame } from "../config/same-parts.ts";
import { listenKey } from "../listen/listener-plan.ts";
import { freeId } from "./ids.ts";
import type { Additions, FoundBackend, FoundRoute } from "./import-source.ts";
import { ListenPlaces } from "./listen-places.ts";

interface PlanOptions {
  /** As it is saved: what items that change a row begin from. */
  readonly config: ShuntConfig;
  /** The same with its placeholders replaced: what is compared. */
  readonly resolved: ShuntConfig;
  /** For addresses that are taken on this machine, the next free one. */
  readonly freeListens?: ReadonlyMap<string, string>;
}

export function planImport(additions: Additions, options: PlanOptions): readonly ImportItem[] {
  return new Plan(options).items(additions);
}

class Plan {
  readonly #config: ShuntConfig;
  readonly #resolved: ShuntConfig;
  readonly #places: ListenPlaces;
  /** Ids of the additions → what they are here. */
  readonly #tunnels = new Map<string, ImportItem>();
  readonly #targets = new Map<string, ImportItem>();

  constructor({ config, resolved, freeListens = new Map() }: PlanOptions) {
    this.#config = config;
    this.#resolved = resolved;
    this.#places = new ListenPlaces(resolved.routes, freeListens);
  }

  items(additions: Additions): readonly ImportItem[] {
    this.#planTunnels(additions);
    this.#planTargets(additions);
    const routeIds = new Set(this.#config.routes.map(({ id }) => id));
    const routes = additions.routes.map((found) => this.#route(found, routeIds));
    return [...new Set([...this.#tunnels.values(), ...this.#targets.values()]), ...routes];
  }

  #planTunnels({ tunnels }: Additions): void {
    const taken = new Set(this.#config.tunnels.map(({ id }) => id));
    for (const { row, ...found } of tunnels) {
      const same = asSaved(
        this.#config.tunnels,
        this.#resolved.tunnels.find((one) => isSameTunnel(one, row)),
      );
      const id = same?.id ?? freeId(row.id, taken);
      this.#tunnels.set(row.id, {
        ...about(found),
        kind: "tunnel",
        key: `tunnel ${id}`,
        row: same ?? { ...row, id },
        status: same ? "known" : "new",
        needs: [],
      });
    }
  }

  #planTargets({ backends, pools }: Additions): void {
    const taken = new Set([...this.#config.backends, ...this.#config.pools].map(({ id }) => id));
    for (const found of backends) this.#targets.set(found.row.id, this.#backend(found, taken));
    for (const { row, ...found } of pools) {
      const id = freeId(row.id, taken);
      const members = row.members.map((member) => this.#targets.get(member));
      const idOfMember = (member: string) => this.#targets.get(member)?.row.id ?? member;
      this.#targets.set(row.id, {
        ...about(found),
        kind: "pool",
        key: `pool ${id}`,
        row: {
          ...row,
          id,
          members: row.members.map(idOfMember),
          ...(row.weights && {
            weights: Object.fromEntries(
              Object.entries(row.weights).map(([member, share]) => [idOfMember(member), share]),
            ),
          }),
        },
        status: "new",
        needs: needed(members),
      });
    }
  }

  #backend({ row, is, ...found }: FoundBackend, taken: Set<string>): ImportItem {
    const tunnel = row.via === undefined ? undefined : this.#tunnels.get(row.via);
    const via = tunnel?.row.id ?? row.via;
    const wanted: BackendConfig = { ...row, ...(via !== undefined && { via }) };
    const known = this.#resolved.backends.find((one) =>
      is === undefined ? isSameBackend(one, wanted) : one.id === is,
    );
    const same = asSaved(this.#config.backends, known);
    if (!same) {
      const id = freeId(row.id, taken);
      return {
        ...about(found),
        kind: "backend",
        key: `backend ${id}`,
        row: { ...wanted, id, ...nameWhereOther(row.instanceName, id) },
        status: "new",
        needs: needed([tunnel]),
      };
    }
    const missing = endpointKinds.filter((kind) => same[kind] === undefined && row[kind] !== undefined);
    const name = same.instanceName === undefined ? nameWhereOther(row.instanceName, same.id) : {};
    const isWhole = missing.length === 0 && Object.keys(name).length === 0;
    return {
      ...about(found),
      kind: "backend",
      key: `backend ${same.id}`,
      row: { ...same, ...Object.fromEntries(missing.map((kind) => [kind, row[kind]])), ...name },
      status: isWhole ? "known" : "changed",
      needs: [],
    };
  }

  #route({ row, anyListen = false, ...found }: FoundRoute, taken: Set<string>): ImportItem {
    const item = this.#targets.get(row.target);
    const wanted: RouteConfig = { ...row, target: item?.row.id ?? row.target };
    const known = this.#resolved.routes.find(
      (one) =>
        one.target === wanted.target &&
        one.transport === wanted.transport &&
        isSame(one.serverNames, wanted.serverNames) &&
        (anyListen || listenKey(one) === listenKey(wanted)),
    );
    const same = asSaved(this.#config.routes, known);
    if (same)
      return {
        ...about(found),
        kind: "route",
        key: `route ${same.id}`,
        row: same,
        status: "known",
        needs: [],
      };
    const id = freeId(wanted.id, taken);
    const placed = this.#places.place({ ...wanted, id }, anyListen);
    const note = [found.note, placed.moved].filter(Boolean).join(" ");
    return {
      ...about(found),
      kind: "route",
      key: `route ${id}`,
      row: placed.route,
      status: "new",
      note: note === "" ? null : note,
      needs: needed([item]),
    };
  }
}

function about(found: {
  readonly origin: string;
  readonly suggested?: boolean;
  readonly note?: string | null;
}) {
  return { origin: found.origin, suggested: found.suggested ?? true, note: found.note ?? null };
}

function needed(items: readonly (ImportItem | undefined)[]): readonly string[] {
  return items.flatMap((item) => (item && item.status !== "known" ? [item.key] : []));
}

/** Two forms of one document: the row of the same id. */
function asSaved<Row extends { readonly id: string }>(
  rows: readonly Row[],
  known: Row | undefined,
): Row | undefined {
  return known && rows.find(({ id }) => id === known.id);
}

function isSameTunnel(one: TunnelConfig, other: TunnelConfig): boolean {
  return (
    one.type === other.type &&
    one.address.toLowerCase() === other.address.toLowerCase() &&
    (other.user === undefined || one.user === other.user)
  );
}

/** One endpoint in common is enough: no two instances listen on one address. */
function isSameBackend(one: BackendConfig, other: BackendConfig): boolean {
  if (other.via !== undefined && one.via !== other.via) return false;
  return endpointKinds.some(
    (kind) => one[kind] !== undefined && one[kind]?.toLowerCase() === other[kind]?.toLowerCase(),
  );
}

function nameWhereOther(instanceName: string | undefined, id: string): { instanceName?: string } {
  return instanceName === undefined || instanceName === id ? {} : { instanceName };
}
