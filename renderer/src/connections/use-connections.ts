import { useEffect } from "react";
import type { ConnectionStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useMirror } from "../mirror/mirror-store.ts";

/** Every open connection, told only while some screen lists them: null until the first have come. */
export function useConnections(): readonly ConnectionStatus[] | null {
  const bridge = useBridge();
  useEffect(() => bridge.showConnections(), [bridge]);
  return useMirror((mirror) => mirror.connections);
}
