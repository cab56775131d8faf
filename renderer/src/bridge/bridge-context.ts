import { createContext, useContext } from "react";
import type { Bridge } from "../../../app/contract/bridge.ts";

export const BridgeContext = createContext<Bridge | null>(null);

/** The connected bridge: the only way to ask the engine for anything. */
export function useBridge(): Bridge {
  const bridge = useContext(BridgeContext);
  if (!bridge) throw new Error("No bridge above this component.");
  return bridge;
}
