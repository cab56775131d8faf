/** What engines do otherwise than Shunt with clients that are told apart by TLS server name. */
import type { RouteConfig } from "../../contract/config.ts";
import type { RoutePlan } from "./export-plan.ts";
import type { GroupContext } from "./plan-group.ts";

export function tellNames(
  { engine, source: { remarks } }: GroupContext,
  first: RouteConfig,
  routes: readonly RoutePlan[],
  shutNames: readonly string[],
): void {
  const tell = (what: string) =>
    remarks.differ("SERVER_NAMES", { route: first.id }, `${first.listen}: ${what}`);
  const names = routes.flatMap(({ route }) => route.serverNames ?? []);
  const hasRest = routes.some(({ route }) => route.serverNames === undefined);
  if (!hasRest)
    tell("a client that asks for a name of no route is closed without the TLS alert that Shunt sends it.");
  if (hasRest && engine === "nginx")
    tell("a client that speaks no TLS goes to the route without names, where Shunt turns it away.");
  if (engine === "haproxy")
    tell("a TLS ClientHello that is split over records is none to HAProxy, and closed.");
  if (engine !== "envoy") return;
  if (names.some((name) => name.startsWith("*")))
    tell("a wildcard takes names of any depth in Envoy, and one label in Shunt.");
  if (shutNames.length > 0)
    tell(
      `${shutNames.join(", ")} of stopped routes may lead to another route's servers; Shunt refuses them.`,
    );
}
