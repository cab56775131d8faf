import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet } from "../view/view-store.ts";
import { portOf } from "./listen-port.ts";
import { listenForSession, moveListener, retryRoute } from "./route-actions.ts";

/** What is wrong with a route, who is in the way, and what to do, with the buttons that do it. */
export function RouteTrouble({
  status,
  tabbable,
}: {
  readonly status: RouteStatus;
  readonly tabbable: boolean;
}) {
  const bridge = useBridge();
  const { id, state, target, targetHealth, failure, reason, targetReason } = status;
  const isBackend = useMirror(({ backends }) => backends.some((backend) => backend.id === target));
  const free = failure?.freeListen;
  // A listener that is fine has no reason of its own: what is wrong is the target.
  const what = failure?.message ?? reason ?? targetReason ?? "The target is not healthy.";
  const owner = failure?.owner && !what.includes(failure.owner) ? ` In use by ${failure.owner}.` : "";
  return (
    <div className="trouble">
      <p>
        {what}
        {owner} {failure && <span className="soft">{failure.advice}</span>}
        {state !== "listening" && targetReason && targetReason !== what && (
          <span className="soft"> Target: {targetReason}</span>
        )}
      </p>
      {free && (
        <>
          <Button
            size="small"
            excludeFromTabOrder={!tabbable}
            onPress={() => void listenForSession(bridge, id, free)}
          >
            Use {portOf(free)} this session
          </Button>
          <Button
            size="small"
            excludeFromTabOrder={!tabbable}
            onPress={() => void moveListener(bridge, id, free)}
          >
            Move to {portOf(free)}
          </Button>
        </>
      )}
      {isBackend && (targetHealth === "down" || targetHealth === "degraded") && (
        <Button
          size="small"
          excludeFromTabOrder={!tabbable}
          onPress={() => openSheet({ kind: "examination", id: target })}
        >
          Test {target}
        </Button>
      )}
      {state === "failed" && (
        <Button size="small" excludeFromTabOrder={!tabbable} onPress={() => void retryRoute(bridge, id)}>
          Retry
        </Button>
      )}
    </div>
  );
}
