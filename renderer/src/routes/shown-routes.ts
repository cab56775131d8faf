/** What of the routes table is decided for all rows together: which are in it, in which order, and how many there are of what. */
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { isRunning } from "./route-condition.ts";
import {
  groupRoutes,
  joinRoutes,
  matchesFilter,
  matchesState,
  type RouteGrouping,
  type RouteIndex,
  type RouteOrder,
  sortRoutes,
  type StateFilter,
} from "./route-rows.ts";

interface ShownRoutesOptions {
  readonly configured: RouteIndex;
  readonly routeText: string;
  readonly routeState: StateFilter;
  readonly routeOrder: RouteOrder | null;
  readonly routeGrouping: RouteGrouping;
  readonly selection: ReadonlySet<string>;
}

export interface ShownGroup {
  /** Empty when the table is not grouped. */
  readonly title: string;
  readonly ids: readonly string[];
}

export type RouteCounts = Readonly<Record<StateFilter, number>>;

/** Those of the selected routes, shown or not, that can be stopped and those that can be started. */
export interface SelectedRoutes {
  readonly running: readonly string[];
  readonly stopped: readonly string[];
}

interface ShownRoutes {
  readonly groups: readonly ShownGroup[];
  /** Of all routes, whatever is shown. */
  readonly counts: RouteCounts;
  readonly selected: SelectedRoutes;
}

export function shownRoutes(statuses: readonly RouteStatus[], options: ShownRoutesOptions): ShownRoutes {
  const { configured, routeText, routeState, routeOrder, routeGrouping, selection } = options;
  const rows = joinRoutes(statuses, configured);
  const shown = rows.filter((row) => matchesFilter(row, routeText, routeState));
  const groups = shown.length === 0 ? [] : groupRoutes(sortRoutes(shown, routeOrder), routeGrouping);
  const count = (state: StateFilter) => rows.filter((row) => matchesState(row, state)).length;
  const selected = statuses.filter(({ id }) => selection.has(id));
  const idsThat = (running: boolean) =>
    selected.filter(({ state }) => isRunning(state) === running).map(({ id }) => id);
  return {
    groups: groups.map(({ title, rows: grouped }) => ({
      title,
      ids: grouped.map(({ status }) => status.id),
    })),
    counts: {
      all: rows.length,
      trouble: count("trouble"),
      running: count("running"),
      stopped: count("stopped"),
    },
    selected: { running: idsThat(true), stopped: idsThat(false) },
  };
}
