import { createContext, useContext } from "react";
import type { ConnectedBridge } from "./connect.ts";

export const BridgeContext = createContext<ConnectedBridge | null>(null);

/** The connected bridge: the only way to ask the engine for anything. */
export function useBridge(): ConnectedBridge {
  const bridge = useContext(BridgeContext);
  if (!bridge) throw new Error("No bridge above this component.");
  return bridge;
}
