import { useShallow } from "zustand/react/shallow";
import { useMirror } from "../mirror/mirror-store.ts";

/** The ids of everything of a kind: the same list until one comes or goes. */
export function useIds(kind: "routes" | "pools" | "backends" | "tunnels"): readonly string[] {
  return useMirror(useShallow((mirror) => mirror[kind].map(({ id }) => id)));
}
