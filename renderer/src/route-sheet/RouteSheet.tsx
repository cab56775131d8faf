import { useState } from "react";
import type { RouteConfig, ShuntConfig } from "../../../app/contract/config.ts";
import { draftOfBackend } from "../backends/backend-draft.ts";
import { plural } from "../design/format.ts";
import { SheetFrame } from "../design/Sheet.tsx";
import { freeId } from "../edit/config-edit.ts";
import { SheetFooter } from "../edit/SheetFooter.tsx";
import { SheetNotices } from "../edit/SheetNotices.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { closeSheet } from "../view/view-store.ts";
import { draftOfRoute, emptyRouteDraft, newBackendId, type RouteDraft } from "./route-draft.ts";
import { planRoute } from "./route-plan.ts";
import { RouteFields } from "./RouteFields.tsx";
import { useListenHint } from "./use-listen-hint.ts";
import { useRouteSave } from "./use-route-save.ts";

interface RouteSheetProps {
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
  const plan = planRoute({ id, before, draft, backend });
  const { touched, preview, saving, submit, notices } = useRouteSave(plan, config, status);
  const [startListen] = useState(draft.listen);
  const onPropose = (listen: string): void =>
    setDraft((now) => (now.listen === startListen ? { ...now, listen } : now));
  const hint = useListenHint({ draft, before, config, onPropose });
  const count = plan.routes.length;
  const creates = count > 1 ? `Create ${plural(count, "route")}` : "Create route";
  return (
    <SheetFrame
      title={id === null ? "New route" : `Route ${id}`}
      onClose={closeSheet}
      onSubmit={() => void submit()}
      footer={
        <SheetFooter
          preview={preview.text}
          action={id === null ? creates : "Save"}
          isDisabled={saving || !preview.changed}
        />
      }
    >
      <SheetNotices {...notices} />
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
