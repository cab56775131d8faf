import type { ExposedBridge, LiveBridge } from "../../../app/contract/bridge.ts";
import type { LiveEvent } from "../../../app/contract/live.ts";

/** The contract over what the preload script exposes. */
export function openDesktopBridge(exposed: ExposedBridge): LiveBridge {
  return {
    ...exposed,
    onEvent: (listener) => exposed.onEvent((json) => listener(JSON.parse(json) as LiveEvent)),
  };
}
