/** What the routes table shows, decided without a screen: joined, filtered, sorted, grouped. */
import type { RouteConfig, ShuntConfig } from "../../../app/contract/config.ts";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { natural } from "../design/natural-order.ts";
import { joinTags, matchesWords } from "../tags/tags.ts";
import { isRunning, routeCondition } from "./route-condition.ts";

interface RouteRow {
  readonly status: RouteStatus;
  /** Null while the configuration that has it has not arrived. */
  readonly config: RouteConfig | null;
  /** Of the target; `mixed` where a pool's members differ. */
  readonly environment: string | null;
  /** Its own, and those of the backends that it leads to. */
  readonly tags: readonly string[];
}

export type RouteSortKey =
  "state" | "id" | "listen" | "target" | "open" | "toClient" | "toBackend" | "since" | "total";
export type StateFilter = "all" | "trouble" | "running" | "stopped";
export type RouteGrouping = "none" | "listener" | "environment" | "tag";

export interface RouteOrder {
  readonly key: RouteSortKey;
  readonly descending: boolean;
}

interface RouteGroup {
  /** Empty when the table is not grouped. */
  readonly title: string;
  readonly rows: readonly RouteRow[];
}

/** What is configured, to be found by id. */
export interface RouteIndex {
  readonly routes: ReadonlyMap<string, RouteConfig>;
  /** Of every target. */
  readonly environments: ReadonlyMap<string, string | null>;
  /** Of every target that has any. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

export function indexRoutes(config: ShuntConfig | null): RouteIndex {
  return {
    routes: new Map((config?.routes ?? []).map((route) => [route.id, route])),
    environments: config ? environmentsOf(config) : new Map<string, string | null>(),
    tags: config ? tagsOfTargets(config) : new Map<string, readonly string[]>(),
  };
}

/** The routes observed, in the engine's order, each with what was configured. */
export function joinRoutes(
  statuses: readonly RouteStatus[],
  { routes, environments, tags }: RouteIndex,
): readonly RouteRow[] {
  return statuses.map((status) => {
    const config = routes.get(status.id) ?? null;
    const ofTarget = tags.get(status.target) ?? noTags;
    const own = config?.tags ?? noTags;
    return {
      status,
      config,
      environment: environments.get(status.target) ?? null,
      tags: own.length === 0 ? ofTarget : ofTarget.length === 0 ? own : joinTags(own, ofTarget),
    };
  });
}

const noTags: readonly string[] = [];

/** The tags of every tagged backend, and of every pool those of all its members. */
function tagsOfTargets({ backends, pools }: ShuntConfig): ReadonlyMap<string, readonly string[]> {
  const tags = new Map(backends.flatMap((row) => (row.tags ? [[row.id, row.tags] as const] : [])));
  for (const { id, members } of pools) {
    const found = members.reduce((all, member) => joinTags(all, tags.get(member) ?? noTags), noTags);
    if (found.length > 0) tags.set(id, found);
  }
  return tags;
}

/** The environment of every backend, and of every pool whose members agree; `mixed` where they do not. */
function environmentsOf(config: ShuntConfig): ReadonlyMap<string, string | null> {
  const environments = new Map<string, string | null>();
  for (const { id, environment } of config.backends) environments.set(id, environment ?? null);
  for (const { id, members } of config.pools) {
    const found = new Set(members.map((member) => environments.get(member) ?? null));
    environments.set(id, found.size > 1 ? "mixed" : ([...found][0] ?? null));
  }
  return environments;
}

/** By which server names clients find a route on its address; empty where they need none. */
export function routeNames(config: RouteConfig | null): string {
  return config?.serverNames?.join(", ") ?? "";
}

/** How a route reaches its target: the transport of a port route, path and host of a path route. */
export function routeShape(config: RouteConfig | null): string {
  if (!config) return "";
  if (config.transport) return config.transport;
  return `${config.host ?? ""}${config.path ?? ""}`;
}

/** Whether a row passes the text (every word somewhere in the row) and the state filter. */
export function matchesFilter(row: RouteRow, text: string, state: StateFilter): boolean {
  return matchesState(row, state) && matchesText(row, text);
}

/** Whether a row passes the state filter alone. */
export function matchesState({ status }: RouteRow, state: StateFilter): boolean {
  switch (state) {
    case "all":
      return true;
    case "trouble":
      return routeCondition(status).trouble;
    case "running":
      return isRunning(status.state);
    case "stopped":
      return status.state === "stopped";
  }
}

function matchesText({ status, config, environment, tags }: RouteRow, text: string): boolean {
  if (text.trim() === "") return true;
  const { id, listen, target, reason } = status;
  const { word } = routeCondition(status);
  const where = [
    id,
    listen,
    target,
    routeShape(config),
    routeNames(config),
    config?.note,
    environment,
    word,
    reason,
    config?.clients,
  ];
  return matchesWords(text, where, tags);
}

const stateRank = {
  failed: 0,
  held: 1,
  degraded: 2,
  listening: 4,
  starting: 5,
  draining: 6,
  stopped: 7,
} as const;

function rankOf({ status }: RouteRow): number {
  // A listener in front of a target in trouble stands between the degraded and the sound.
  return status.state === "listening" && routeCondition(status).trouble ? 3 : stateRank[status.state];
}

const comparers: Readonly<Record<RouteSortKey, (a: RouteRow, b: RouteRow) => number>> = {
  state: (a, b) => rankOf(a) - rankOf(b),
  id: (a, b) => natural(a.status.id, b.status.id),
  listen: (a, b) =>
    natural(a.status.listen, b.status.listen) ||
    natural(routeNames(a.config), routeNames(b.config)) ||
    natural(routeShape(a.config), routeShape(b.config)),
  target: (a, b) => natural(a.status.target, b.status.target),
  open: (a, b) => a.status.connections.open - b.status.connections.open,
  toClient: (a, b) => a.status.rate.toClient - b.status.rate.toClient,
  toBackend: (a, b) => a.status.rate.toBackend - b.status.rate.toBackend,
  // The longer ago, the more.
  since: (a, b) => Date.parse(b.status.since) - Date.parse(a.status.since),
  total: (a, b) => totalBytes(a.status) - totalBytes(b.status),
};

/** Bytes both ways since the route was started. */
export function totalBytes({ bytes }: RouteStatus): number {
  return bytes.toClient + bytes.toBackend;
}

/** The rows in order; null keeps the engine's. Equal rows are told apart by id, so that they do not jump. */
export function sortRoutes(rows: readonly RouteRow[], order: RouteOrder | null): readonly RouteRow[] {
  if (!order) return rows;
  const compare = comparers[order.key];
  const sign = order.descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(a, b) || comparers.id(a, b));
}

/** The rows under their listener's address, their target's environment or their own tags, in the order of their first row. */
export function groupRoutes(rows: readonly RouteRow[], grouping: RouteGrouping): readonly RouteGroup[] {
  if (grouping === "none") return [{ title: "", rows }];
  const groups = new Map<string, RouteRow[]>();
  for (const row of rows) {
    const title = groupOf(row, grouping);
    const group = groups.get(title);
    if (group) group.push(row);
    else groups.set(title, [row]);
  }
  return [...groups].map(([title, grouped]) => ({ title, rows: grouped }));
}

/** A route of several tags is in the group of just these: each row is in the table once. */
function groupOf({ status, config, environment }: RouteRow, grouping: "listener" | "environment" | "tag") {
  if (grouping === "listener") return status.listen;
  if (grouping === "environment") return environment ?? "no environment";
  return config?.tags ? [...config.tags].sort(natural).join(", ") : "no tags";
}
