import { Play, Square, Trash2, X } from "lucide-react";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { plural } from "../design/format.ts";
import { BulkTags } from "../tags/BulkTags.tsx";
import { selectRoutes } from "../view/view-store.ts";
import { deleteRoutes, startRoutes, stopRoutes } from "./route-actions.ts";
import type { SelectedRoutes } from "./shown-routes.ts";

/** What can be done to all selected routes at once. */
export function BulkBar({ running, stopped }: SelectedRoutes) {
  const bridge = useBridge();
  const ids = [...running, ...stopped];
  return (
    <div className="bulk" role="toolbar" aria-label="Selected routes">
      <strong>{plural(ids.length, "route")} selected</strong>
      <Button isDisabled={stopped.length === 0} onPress={() => void startRoutes(bridge, stopped)}>
        <Play aria-hidden />
        Start {stopped.length > 0 && stopped.length}
      </Button>
      <Button isDisabled={running.length === 0} onPress={() => stopRoutes(bridge, running)}>
        <Square aria-hidden />
        Stop {running.length > 0 && running.length}
      </Button>
      <Button onPress={() => deleteRoutes(bridge, ids)}>
        <Trash2 aria-hidden />
        Delete
      </Button>
      <BulkTags ids={ids} />
      <Button look="quiet" onPress={() => selectRoutes([])}>
        <X aria-hidden />
        Clear selection
      </Button>
    </div>
  );
}
