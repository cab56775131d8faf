import type { RefusedTarget } from "../../../app/contract/galvanometer.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { addPeer } from "./open-galvanometer.ts";
import { allowTarget, setWebsocket } from "./refused-target.ts";

interface RefusedTargetActionsProps {
  /** Whose Galvanometer asked for it. */
  readonly backend: string;
  readonly target: RefusedTarget;
  readonly tabbable: boolean;
}

/** What the operator can do about an address that a Galvanometer was refused: allow it for now, or say whose it is. */
export function RefusedTargetActions({ backend, target, tabbable }: RefusedTargetActionsProps) {
  const bridge = useBridge();
  const hasWebsocket = useMirror(
    ({ saved }) => saved?.config.backends.find((one) => one.id === backend)?.websocket !== undefined,
  );
  const { address, use } = target;
  const common = { size: "small", excludeFromTabOrder: !tabbable } as const;
  return (
    <span className="refused-target">
      <Button
        {...common}
        aria-label={`Allow for now: ${address}, until the Galvanometer of ${backend} is closed`}
        onPress={() => void allowTarget(bridge, backend, target)}
      >
        Allow for now
      </Button>
      {use === "admin" && (
        <Button
          {...common}
          aria-label={`Add as backend… ${address}`}
          onPress={() => addPeer(backend, { name: "", admin: `http://${address}` })}
        >
          Add as backend…
        </Button>
      )}
      {use === "websocket" && !hasWebsocket && (
        <Button
          {...common}
          aria-label={`Set as websocket of ${backend}: ${address}`}
          onPress={() => void setWebsocket(bridge, backend, address)}
        >
          Set as websocket of {backend}
        </Button>
      )}
    </span>
  );
}
