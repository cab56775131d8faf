/** A range of ports, as the form of a new route takes it: the document has a route for each port, and no ranges. */
import type { RouteConfig } from "../../../app/contract/config.ts";

const mostPorts = 100;

interface RangeRoutes {
  /** One for each port, named NAME-PORT; the route as it is where it has no range, or none that will do. */
  readonly routes: readonly RouteConfig[];
  /** What is wrong with the range. */
  readonly problem: string | null;
}

/** The routes that a route stands for, listening on `host:first-last`, `[v6]:first-last` or `first-last`. */
export function routesOfRange(route: RouteConfig, isNew: boolean): RangeRoutes {
  const [, host = "", from, to] = /^(.*:)?(\d+)\s*-\s*(\d+)$/.exec(route.listen) ?? [];
  if (from === undefined || to === undefined) return { routes: [route], problem: null };
  const first = Number(from);
  const ports = Number(to) - first + 1;
  const problem = problemOf(route, isNew, ports);
  if (problem !== null) return { routes: [route], problem };
  const routes = Array.from({ length: ports }, (_, n) => {
    const port = first + n;
    // Without a name each lacks one, and is told so.
    const id = route.id === "" ? "" : `${route.id}-${port}`;
    return { ...route, id, listen: `${host}${port}` };
  });
  return { routes, problem: null };
}

function problemOf({ transport }: RouteConfig, isNew: boolean, ports: number): string | null {
  if (!isNew) return "One port, please: a range makes several routes, and this is one that there is already.";
  if (!transport) return "One port, please: a range is for port routes; path routes share one.";
  if (ports < 2) return "A range goes from a lower port to a higher one, such as 9007-9010.";
  if (ports > mostPorts) return `A range is of at most ${mostPorts} ports; this one would be of ${ports}.`;
  return null;
}
