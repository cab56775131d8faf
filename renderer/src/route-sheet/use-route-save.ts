import type { Bridge } from "../../../app/contract/bridge.ts";
import type { ConfigProblem, ShuntConfig } from "../../../app/contract/config.ts";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { plural } from "../design/format.ts";
import { askWhenOpen } from "../edit/ask-when-open.ts";
import { hasProblems, type SortedProblems } from "../edit/problems.ts";
import { tellSaved } from "../edit/tell-saved.ts";
import { useDraftCheck } from "../edit/use-draft-check.ts";
import { useSheetSave } from "../edit/use-sheet-save.ts";
import { useTouched } from "../edit/use-touched.ts";
import { deleteRoutes } from "../routes/route-actions.ts";
import { showToast } from "../view/toasts.ts";
import { closeSheet } from "../view/view-store.ts";
import { previewPlan, problemsOfPlan, type RoutePlan, withPlan } from "./route-plan.ts";

/** A route's form is checked while it is typed, and before it is saved; where that ends the route, its connections are asked about. */
export function useRouteSave(plan: RoutePlan, config: ShuntConfig, status: RouteStatus | null) {
  const bridge = useBridge();
  const { id, before, route } = plan;
  const check = useDraftCheck(withPlan(config, plan));
  const sort = (found: readonly ConfigProblem[]): SortedProblems => problemsOfPlan(found, plan, config);
  const problems = sort(check.problems);
  const touched = useTouched(problems.byField);
  const preview = previewPlan(plan, status);
  const { save, saving, conflict, failure } = useSheetSave({
    rowOf: (document) => document.routes.find((other) => other.id === id),
    edit: (onto) => withPlan(onto, plan),
    onSaved: (saved) => {
      closeSheet();
      if (id === null) tellCreated(bridge, plan);
      else tellSaved(bridge, `Route ${route.id} saved.`, saved);
    },
  });
  const submit = async (): Promise<void> => {
    const found = sort(await check.checkNow());
    if (hasProblems(found)) return touched.showAll(found.byField);
    if (before && preview.ends)
      askWhenOpen({
        ids: [before.id],
        title: `Change route ${before.id}?`,
        // One that has got another name goes on under it.
        listensAgain: route.enabled !== false,
        go: (ms) => void save(ms),
      });
    else void save();
  };
  const { ofRow, elsewhere } = problems;
  const notices = { conflict, failure, ofRow: touched.all ? ofRow : [], elsewhere };
  return { touched, preview, saving, submit, notices };
}

/** What one save has made goes again with one press. */
function tellCreated(bridge: Bridge, { route, routes, newBackend }: RoutePlan): void {
  const ids = routes.map(({ id }) => id);
  const made = ids.length === 1 ? `Route ${ids[0]}` : plural(ids.length, "route");
  const along = newBackend ? ` and backend ${route.target}` : "";
  const action = { label: "Undo", run: () => deleteRoutes(bridge, ids, newBackend ? [route.target] : []) };
  showToast({ tone: "ok", text: `${made}${along} created.`, action });
}
