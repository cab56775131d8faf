/** What saving a route's form makes of the document. */
import type { ConfigProblem, RouteConfig, ShuntConfig } from "../../../app/contract/config.ts";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { type BackendDraft, backendOfDraft } from "../backends/backend-draft.ts";
import { rowIndex, withBackend, withRoute } from "../edit/config-edit.ts";
import type { SortedProblems } from "../edit/problems.ts";
import { routesOfRange } from "./listen-range.ts";
import { newBackendId, type RouteDraft, routeOfDraft } from "./route-draft.ts";
import { previewRange, previewRoute, type RoutePreview } from "./route-preview.ts";
import { sortRouteProblems } from "./route-problems.ts";

export interface RoutePlan {
  /** Of the route that is edited; null for a new one. */
  readonly id: string | null;
  /** That route as it is saved now; null for a new one, and for one that went meanwhile. */
  readonly before: RouteConfig | null;
  /** As typed, a range of ports included. */
  readonly route: RouteConfig;
  /** What is saved: one for each port of a range. */
  readonly routes: readonly RouteConfig[];
  readonly rangeProblem: string | null;
  /** The backend that is made along; null: none is. */
  readonly newBackend: BackendDraft | null;
}

interface RouteForm extends Pick<RoutePlan, "id" | "before"> {
  readonly draft: RouteDraft;
  /** What is filled in for a new target. */
  readonly backend: BackendDraft;
}

export function planRoute({ id, before, draft, backend }: RouteForm): RoutePlan {
  const newBackend = draft.target === newBackendId ? backend : null;
  const route = routeOfDraft({ ...draft, target: newBackend?.id.trim() ?? draft.target }, before);
  const { routes, problem } = routesOfRange(route, id === null);
  return { id, before, route, routes, rangeProblem: problem, newBackend };
}

/** The document with the plan in it. */
export function withPlan(config: ShuntConfig, { id, routes, newBackend }: RoutePlan): ShuntConfig {
  const withTarget = newBackend ? withBackend(config, backendOfDraft(newBackend, null), null) : config;
  return routes.reduce((document, route) => withRoute(document, route, id), withTarget);
}

/** Whose each problem is that was found in the document with the plan in it; `config` is without. */
export function problemsOfPlan(
  found: readonly ConfigProblem[],
  { id, routes, rangeProblem, newBackend }: RoutePlan,
  config: ShuntConfig,
): SortedProblems {
  const row = rowIndex(config.routes, id);
  const rows = routes.map((_, n) => `routes[${row + n}]`);
  const sorted = sortRouteProblems(found, rows, newBackend ? `backends[${config.backends.length}]` : null);
  if (rangeProblem === null) return sorted;
  return { ...sorted, byField: new Map([...sorted.byField, ["listen", rangeProblem]]) };
}

export function previewPlan(plan: RoutePlan, status: RouteStatus | null): RoutePreview {
  const { before, route, routes, rangeProblem } = plan;
  if (routes.length > 1) return previewRange(route, routes);
  // A range that will not do is no address to say anything of.
  const listen = rangeProblem === null ? route.listen : (before?.listen ?? "");
  return previewRoute(before, { ...route, listen }, status);
}
