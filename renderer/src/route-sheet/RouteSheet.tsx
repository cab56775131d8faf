import { useState } from "react";
import type { ConfigProblem, RouteConfig, ShuntConfig } from "../../../app/contract/config.ts";
import { backendOfDraft, draftOfBackend } from "../backends/backend-draft.ts";
import { Button } from "../design/Button.tsx";
import { SheetFrame } from "../design/Sheet.tsx";
import { freeId, rowIndex, withBackend, withRoute } from "../edit/config-edit.ts";
import { hasProblems, type SortedProblems } from "../edit/problems.ts";
import { SheetNotices } from "../edit/SheetNotices.tsx";
import { useDraftCheck } from "../edit/use-draft-check.ts";
import { useSheetSave } from "../edit/use-sheet-save.ts";
import { useTouched } from "../edit/use-touched.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { askWhenOpen } from "../routes/route-actions.ts";
import { showToast } from "../view/toasts.ts";
import { closeSheet } from "../view/view-store.ts";
import { draftOfRoute, emptyRouteDraft, type RouteDraft, routeOfDraft } from "./route-draft.ts";
import { previewRoute } from "./route-preview.ts";
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
  const config = useMirror((mirror) => mirror.saved?.config) as ShuntConfig;
  const status = useMirror((mirror) => mirror.routes.find((route) => route.id === id) ?? null);
  const before = config.routes.find((route) => route.id === id) ?? null;
  const [draft, setDraft] = useState(() => startDraft(config, before, like));
  const [backend, setBackend] = useState(() => draftOfBackend(null));

  const isNewBackend = draft.target === newBackendId;
  const route = routeOfDraft({ ...draft, target: isNewBackend ? backend.id.trim() : draft.target }, before);
  const edit = (onto: ShuntConfig): ShuntConfig => {
    const withTarget = isNewBackend ? withBackend(onto, backendOfDraft(backend, null), null) : onto;
    return withRoute(withTarget, route, id);
  };
  const check = useDraftCheck(edit(config));
  const sort = (found: readonly ConfigProblem[]): SortedProblems => {
    const backendRow = isNewBackend ? `backends[${config.backends.length}]` : null;
    return sortRouteProblems(found, `routes[${rowIndex(config.routes, id)}]`, backendRow);
  };
  const problems = sort(check.problems);
  const touched = useTouched(problems.byField);
  const preview = previewRoute(before, route, status);
  const { save, saving, conflict, failure } = useSheetSave({
    rowOf: (document) => document.routes.find((other) => other.id === id),
    edit,
    onSaved: () => {
      closeSheet();
      showToast({
        tone: "ok",
        text: id === null ? `Route ${route.id} created.` : `Route ${route.id} saved.`,
      });
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
      askWhenOpen({ ids: [before.id], title: `Change route ${before.id}?`, go: (ms) => void save(ms) });
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
            {id === null ? "Create route" : "Save"}
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

function startDraft(config: ShuntConfig, before: RouteConfig | null, like: string | null): RouteDraft {
  if (before) return draftOfRoute(before);
  const model = config.routes.find((route) => route.id === like);
  if (model) return { ...draftOfRoute(model), id: freeId(model.id, config.routes) };
  const onlyTarget =
    config.backends.length === 1 && config.pools.length === 0 ? config.backends[0]?.id : undefined;
  return { ...emptyRouteDraft, target: onlyTarget ?? (config.backends.length === 0 ? newBackendId : "") };
}
