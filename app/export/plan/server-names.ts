/** Which group of servers a TLS server name leads to, in the words that engines share. */
import type { GroupPlan, ListenerPlan, RoutePlan } from "./export-plan.ts";
import { escapeRegex } from "./own-names.ts";

interface NamedGroup {
  readonly name: string;
  /** Null: nobody is to have the name. */
  readonly group: GroupPlan | null;
}

function groupOf({ groups }: RoutePlan): GroupPlan | null {
  return Object.values(groups)[0] ?? null;
}

export function groupsOf({ routes }: ListenerPlan): readonly GroupPlan[] {
  return routes.map(groupOf).filter((group) => group !== null);
}

/** `named`: exact names before wildcards, no two of which match one name. `others`: where all other clients go. */
export function nameGroups({ routes, shutNames }: ListenerPlan): {
  readonly named: readonly NamedGroup[];
  readonly others: GroupPlan | null;
} {
  const named = [
    ...routes.flatMap((route) =>
      (route.route.serverNames ?? []).map((name) => ({ name, group: groupOf(route) })),
    ),
    ...shutNames.map((name) => ({ name, group: null })),
  ];
  const isWild = ({ name }: NamedGroup) => name.startsWith("*");
  const rest = routes.find(({ route }) => route.serverNames === undefined);
  return {
    named: [...named.filter((one) => !isWild(one)), ...named.filter(isWild)],
    others: rest ? groupOf(rest) : null,
  };
}

/** A wildcard as a regular expression: its star is one label, where engines' own wildcards take several. */
export function oneLabel(wildcard: string): string {
  return `^[^.]+${escapeRegex(wildcard.slice(1))}$`;
}
