import { useState } from "react";
import type { Bridge } from "../../../app/contract/bridge.ts";
import type { ConfigProblem, RouteConfig, ShuntConfig } from "../../../app/contract/config.ts";
import { backendOfDraft, draftOfBackend } from "../backends/backend-draft.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { plural } from "../design/format.ts";
import { SheetFrame } from "../design/Sheet.tsx";
import { freeId, rowIndex, withBackend, withRoute } from "../edit/config-edit.ts";
import { hasProblems, type SortedProblems } from "../edit/problems.ts";
import { SheetNotices } from "../edit/SheetNotices.tsx";
import { useDraftCheck } from "../edit/use-draft-check.ts";
import { useSheetSave } from "../edit/use-sheet-save.ts";
import { askWhenOpen } from "../edit/ask-when-open.ts";
import { tellSaved } from "../edit/tell-saved.ts";
import { useTouched } from "../edit/use-touched.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { deleteRoutes } from "../routes/route-actions.ts";
import { showToast } from "../view/toasts.ts";
import { closeSheet } from "../view/view-store.ts";
import { routesOfRange } from "./listen-range.ts";
import { draftOfRoute, emptyRouteDraft, type RouteDraft, routeOfDraft } from "./route-draft.ts";
import { previewRange, previewRoute } from "./route-preview.ts";
import { sortRouteProblems } from "./route-problems.ts";
import { RouteFields } from "./RouteFields.tsx";
import { newBackendId } from "./TargetField.tsx";
import { useListenHint } from "./use-listen-hint.ts";

export interface RouteSheetProps {
  /** Null for a new route. */
  readonly id: string | null;
  /** The route that a new one starts as a copy of. */
  readonly like: string | null;
}

/** Creates or edits one route, and with it, if need be, the backend it leads to. */
export function RouteSheet({ id, like }: RouteSheetProps) {
  const bridge = useBridge();
  const config = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const status = useMirror((mirror) => mirror.routes.find((route) => route.id === id) ?? null);
  const before = config.routes.find((route) => route.id === id) ?? null;
  const [draft, setDraft] = useState(() => startDraft(config, before, like));
  const [backend, setBackend] = useState(() => draftOfBackend(null));

  const isNewBackend = draft.target === newBackendId;
  const route = routeOfDraft({ ...draft, target: isNewBackend ? backend.id.trim() : draft.target }, before);
  const { routes, problem } = routesOfRange(route, id === null);
  const edit = (onto: ShuntConfig): ShuntConfig => {
    const withTarget = isNewBackend ? withBackend(onto, backendOfDraft(backend, null), null) : onto;
    return routes.reduce((document, one) => withRoute(document, one, id), withTarget);
  };
  const check = useDraftCheck(edit(config));
  const sort = (found: readonly ConfigProblem[]): SortedProblems => {
    const backendRow = isNewBackend ? `backends[${config.backends.length}]` : null;
    const row = rowIndex(config.routes, id);
    const sorted = sortRouteProblems(
      found,
      routes.map((_, n) => `routes[${row + n}]`),
      backendRow,
    );
    return problem === null
      ? sorted
      : { ...sorted, byField: new Map([...sorted.byField, ["listen", problem]]) };
  };
  const problems = sort(check.problems);
  const touched = useTouched(problems.byField);
  // A range that will not do is no address to say anything of.
  const listen = problem === null ? route.listen : (before?.listen ?? "");
  const preview =
    routes.length > 1 ? previewRange(route, routes) : previewRoute(before, { ...route, listen }, status);
  const { save, saving, conflict, failure } = useSheetSave({
    rowOf: (document) => document.routes.find((other) => other.id === id),
    edit,
    onSaved: (saved) => {
      closeSheet();
      if (id === null) tellCreated(bridge, routes, isNewBackend ? [route.target] : []);
      else tellSaved(bridge, `Route ${route.id} saved.`, saved);
    },
  });
  const [startListen] = useState(draft.listen);
  const onPropose = (listen: string): void =>
    setDraft((now) => (now.listen === startListen ? { ...now, listen } : now));
  const hint = useListenHint({ draft, before, config, onPropose });

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

  return (
    <SheetFrame
      title={id === null ? "New route" : `Route ${id}`}
      onClose={closeSheet}
      onSubmit={() => void submit()}
      footer={
        <>
          <p className="sheet-preview" aria-live="polite">
            {preview.text}
          </p>
          <Button type="submit" look="primary" isDisabled={saving || !preview.changed}>
            {id !== null ? "Save" : routes.length > 1 ? `Create ${routes.length} routes` : "Create route"}
          </Button>
          <Button onPress={closeSheet}>Cancel</Button>
        </>
      }
    >
      <SheetNotices
        conflict={conflict}
        failure={failure}
        ofRow={touched.all ? problems.ofRow : []}
        elsewhere={problems.elsewhere}
      />
      <RouteFields
        draft={draft}
        onChange={setDraft}
        backend={backend}
        onBackendChange={setBackend}
        config={config}
        touched={touched}
        listenHint={hint}
        isNew={id === null}
      />
    </SheetFrame>
  );
}

/** What one save has made goes again with one press. */
function tellCreated(bridge: Bridge, routes: readonly RouteConfig[], backends: readonly string[]): void {
  const ids = routes.map(({ id }) => id);
  const made = ids.length === 1 ? `Route ${ids[0]}` : plural(ids.length, "route");
  const along = backends.length === 0 ? "" : ` and backend ${backends[0]}`;
  const action = { label: "Undo", run: () => deleteRoutes(bridge, ids, backends) };
  showToast({ tone: "ok", text: `${made}${along} created.`, action });
}

function startDraft(config: ShuntConfig, before: RouteConfig | null, like: string | null): RouteDraft {
  if (before) return draftOfRoute(before);
  const model = config.routes.find((route) => route.id === like);
  if (model) return { ...draftOfRoute(model), id: freeId(model.id, config.routes) };
  const onlyTarget =
    config.backends.length === 1 && config.pools.length === 0 ? config.backends[0]?.id : undefined;
  return { ...emptyRouteDraft, target: onlyTarget ?? (config.backends.length === 0 ? newBackendId : "") };
}
