import type { ReactNode } from "react";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet, showPool } from "../view/view-store.ts";
import { portOf } from "./listen-port.ts";
import { listenForSession, moveListener, retryRoute } from "./route-actions.ts";
import type { RouteLook } from "./route-look.ts";

/** What is wrong with a route, who is in the way, and what to do, with the buttons that do it. */
export function RouteTrouble({
  status,
  tabbable,
}: {
  readonly status: RouteLook;
  readonly tabbable: boolean;
}) {
  const bridge = useBridge();
  const { id, state, target, targetHealth, failure, reason, targetReason } = status;
  const isBackend = useMirror(({ backends }) => backends.some((backend) => backend.id === target));
  const isPool = useMirror(({ pools }) => pools.some((pool) => pool.id === target));
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
      <div className="trouble-actions">
        {free && (
          <>
            <Act tabbable={tabbable} onPress={() => void listenForSession(bridge, id, free)}>
              Use {portOf(free)} this session
            </Act>
            <Act tabbable={tabbable} onPress={() => void moveListener(bridge, id, free)}>
              Move to {portOf(free)}
            </Act>
          </>
        )}
        {isBackend && (targetHealth === "down" || targetHealth === "degraded") && (
          <Act tabbable={tabbable} onPress={() => openSheet({ kind: "examination", id: target })}>
            Test {target}
          </Act>
        )}
        {isPool && (
          <Act tabbable={tabbable} onPress={() => showPool(target)}>
            Show pool {target}
          </Act>
        )}
        {state === "failed" && (
          <Act tabbable={tabbable} onPress={() => void retryRoute(bridge, id)}>
            Retry
          </Act>
        )}
      </div>
    </div>
  );
}

interface ActProps {
  readonly tabbable: boolean;
  readonly onPress: () => void;
  readonly children: ReactNode;
}

function Act({ tabbable, onPress, children }: ActProps) {
  return (
    <Button size="small" excludeFromTabOrder={!tabbable} onPress={onPress}>
      {children}
    </Button>
  );
}
