import type { ActiveConditions } from "../../../app/contract/conditions.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { formatDuration } from "../design/format.ts";
import { useNow } from "../design/use-now.ts";
import { openSheet } from "../view/view-store.ts";
import { endConditions } from "./condition-actions.ts";

interface RouteUnderConditionsProps {
  readonly id: string;
  readonly active: ActiveConditions;
  readonly tabbable: boolean;
}

/** Says under a route what is done to it on purpose, for how long yet, and ends it. */
export function RouteUnderConditions({ id, active, tabbable }: RouteUnderConditionsProps) {
  const bridge = useBridge();
  const leftMs = Date.parse(active.until) - useNow(1_000);
  return (
    <div className="trouble">
      <p>
        <span aria-hidden>▲ </span>
        <strong>Under conditions:</strong> {active.says}.{" "}
        <span className="soft">Ends by itself in {formatDuration(leftMs)}.</span>
      </p>
      <Button size="small" excludeFromTabOrder={!tabbable} onPress={() => void endConditions(bridge, id)}>
        End now
      </Button>
      <Button
        size="small"
        excludeFromTabOrder={!tabbable}
        onPress={() => openSheet({ kind: "conditions", id })}
      >
        Change…
      </Button>
    </div>
  );
}
