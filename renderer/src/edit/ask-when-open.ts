import { useMirror } from "../mirror/mirror-store.ts";
import { useView } from "../view/view-store.ts";

interface Ending {
  readonly ids: readonly string[];
  readonly title: string;
  readonly listensAgain?: boolean;
  readonly go: (graceMs?: number) => void;
}

/** Goes ahead at once when nothing is open on these routes; else asks whether to drain or to cut. */
export function askWhenOpen({ ids, title, listensAgain = false, go }: Ending): void {
  const ending = new Set(ids);
  const { routes, saved } = useMirror.getState();
  const openOn = (wanted: ReadonlySet<string>): number =>
    routes.filter((route) => wanted.has(route.id)).reduce((sum, route) => sum + route.connections.open, 0);
  const open = openOn(ending);
  if (open === 0) return go();
  const publishing = (saved?.config.routes ?? []).filter(
    ({ id, clients }) => ending.has(id) && clients === "publishers",
  );
  const ofPublishers = openOn(new Set(publishing.map(({ id }) => id)));
  useView.setState({ question: { title, openConnections: open, ofPublishers, listensAgain, onChoose: go } });
}
