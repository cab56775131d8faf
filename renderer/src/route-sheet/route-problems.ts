import type { ConfigProblem } from "../../../app/contract/config.ts";
import { sortProblems, type SortedProblems } from "../edit/problems.ts";

/** Goes before the names of the fields of a backend that is made along with a route. */
export const backendPrefix = "backend.";

/** The problems of the route in the sheet and, where one is made along with it, of its backend (null: none is). */
export function sortRouteProblems(
  problems: readonly ConfigProblem[],
  route: string,
  backend: string | null,
): SortedProblems {
  const ofRoute = sortProblems(problems, route);
  if (backend === null) return ofRoute;
  const ofBackend = sortProblems(ofRoute.elsewhere, backend);
  const byField = new Map(ofRoute.byField);
  // Without a name for the new backend the target cannot be right; the name's own problem says enough.
  if (ofBackend.byField.has("id")) byField.delete("target");
  for (const [name, message] of ofBackend.byField) byField.set(backendPrefix + name, message);
  return { byField, ofRow: [...ofRoute.ofRow, ...ofBackend.ofRow], elsewhere: ofBackend.elsewhere };
}
