import type { ConfigProblem } from "../../../app/contract/config.ts";
import { sortProblems, type SortedProblems } from "../edit/problems.ts";

/** Goes before the names of the fields of a backend that is made along with a route. */
export const backendPrefix = "backend.";

/**
 * The problems of the route in the sheet, or of all that a range of ports makes of it, and, where one is made along, of the
 * backend (null: none is).
 */
export function sortRouteProblems(
  problems: readonly ConfigProblem[],
  routes: readonly string[],
  backend: string | null,
): SortedProblems {
  const ofRoute = sortRange(problems, routes);
  if (backend === null) return ofRoute;
  const ofBackend = sortProblems(ofRoute.elsewhere, backend);
  const byField = new Map(ofRoute.byField);
  // Without a name for the new backend the target cannot be right; the name's own problem says enough.
  if (ofBackend.byField.has("id")) byField.delete("target");
  for (const [name, message] of ofBackend.byField) byField.set(backendPrefix + name, message);
  return { byField, ofRow: [...ofRoute.ofRow, ...ofBackend.ofRow], elsewhere: ofBackend.elsewhere };
}

/** Of several routes a field has the first one's problem, and the number of those whose own differs. */
function sortRange(problems: readonly ConfigProblem[], routes: readonly string[]): SortedProblems {
  let elsewhere = problems;
  const found = new Map<string, Set<string>>();
  const ofRow = new Set<string>();
  for (const route of routes) {
    const sorted = sortProblems(elsewhere, route);
    elsewhere = sorted.elsewhere;
    for (const [name, message] of sorted.byField)
      found.set(name, (found.get(name) ?? new Set<string>()).add(message));
    for (const message of sorted.ofRow) ofRow.add(message);
  }
  const byField = new Map(
    [...found].map(([name, [first = "", ...more]]) => [
      name,
      more.length === 0 ? first : `${first} The like for ${more.length} more of the range.`,
    ]),
  );
  return { byField, ofRow: [...ofRow], elsewhere };
}
