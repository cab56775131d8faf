import type { SessionListen } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { portOf } from "./listen-port.ts";
import { moveListener, retryRoute } from "./route-actions.ts";

interface RouteSessionListenProps {
  readonly id: string;
  /** Where it listens now. */
  readonly listen: string;
  readonly instead: SessionListen;
  readonly tabbable: boolean;
}

/** Says under a route that it listens on another port for this session only, why, and how to end or keep that. */
export function RouteSessionListen({ id, listen, instead, tabbable }: RouteSessionListenProps) {
  const bridge = useBridge();
  return (
    <div className="trouble">
      <p>
        <span aria-hidden>▲ </span>
        <strong>{listen} for this session:</strong> {instead.why}{" "}
        <span className="soft">Until it is stopped.</span>
      </p>
      <Button size="small" excludeFromTabOrder={!tabbable} onPress={() => void retryRoute(bridge, id)}>
        Back to {portOf(instead.configured)}
      </Button>
      <Button
        size="small"
        excludeFromTabOrder={!tabbable}
        onPress={() => void moveListener(bridge, id, listen)}
      >
        Keep {portOf(listen)}
      </Button>
    </div>
  );
}
