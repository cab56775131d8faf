import { useEffect } from "react";
import { useMirror } from "../mirror/mirror-store.ts";
import { countTrouble } from "../routes/route-condition.ts";

/** The window's title, for the task bar and the tab: how many routes are in trouble, then the name. */
export function useTitle(): void {
  const trouble = useMirror((mirror) => countTrouble(mirror.routes));
  const lost = useMirror((mirror) => mirror.link === "lost");
  const sandbox = useMirror((mirror) => mirror.sandbox?.running ?? false);
  const name = sandbox ? "Shunt, sandbox running" : "Shunt";
  const title = lost ? `Link lost: ${name}` : trouble > 0 ? `(${trouble} in trouble) ${name}` : name;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
