import { create } from "zustand";
import type { ShellSettings } from "../../../app/contract/bridge.ts";

/** What the desktop app keeps for itself, as last heard; written by `start.tsx` alone. Without a desktop it stays as it is. */
export const useShellSettings = create<ShellSettings>()(() => ({ theme: "system", mutedRoutes: [] }));

/** Whether the system's notifications say nothing of a route. */
export function useIsMuted(route: string): boolean {
  return useShellSettings(({ mutedRoutes }) => mutedRoutes.includes(route));
}
