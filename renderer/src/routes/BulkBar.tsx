import { Play, Square, Trash2, X } from "lucide-react";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { plural } from "../design/format.ts";
import { BulkTags } from "../tags/BulkTags.tsx";
import { selectRoutes } from "../view/view-store.ts";
import { deleteRoutes, startRoutes, stopRoutes } from "./route-actions.ts";
import { isRunning } from "./route-condition.ts";

/** What can be done to all selected routes at once. */
export function BulkBar({ routes }: { readonly routes: readonly RouteStatus[] }) {
  const bridge = useBridge();
  const running = routes.filter((route) => isRunning(route.state)).map((route) => route.id);
  const stopped = routes.filter((route) => !isRunning(route.state)).map((route) => route.id);
  return (
    <div className="bulk" role="toolbar" aria-label="Selected routes">
      <strong>{plural(routes.length, "route")} selected</strong>
      <Button isDisabled={stopped.length === 0} onPress={() => void startRoutes(bridge, stopped)}>
        <Play aria-hidden />
        Start {stopped.length > 0 && stopped.length}
      </Button>
      <Button isDisabled={running.length === 0} onPress={() => stopRoutes(bridge, running)}>
        <Square aria-hidden />
        Stop {running.length > 0 && running.length}
      </Button>
      <Button
        onPress={() =>
          deleteRoutes(
            bridge,
            routes.map((route) => route.id),
          )
        }
      >
        <Trash2 aria-hidden />
        Delete
      </Button>
      <BulkTags ids={routes.map((route) => route.id)} />
      <Button look="quiet" onPress={() => selectRoutes([])}>
        <X aria-hidden />
        Clear selection
      </Button>
    </div>
  );
}
