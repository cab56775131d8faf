/** One route of the plan: the servers of each of its endpoints, and what engines do otherwise. */
import type { EndpointKind, RouteConfig } from "../../contract/config.ts";
import { targetOf } from "../../engine/route-targets.ts";
import { isReadOnly } from "../../http/read-only.ts";
import type { GroupPlan, RoutePlan } from "./export-plan.ts";
import { planGroup, type GroupContext } from "./plan-group.ts";
import { describe, type ExportSource } from "./source.ts";

const pathKinds = ["websocket", "amps", "admin"] as const satisfies readonly EndpointKind[];

/** Null where it leads to nothing that can be written: `absent` is told so. */
export function planRoute(context: GroupContext, route: RouteConfig, absent: string[]): RoutePlan | null {
  const { source } = context;
  const { backends } = targetOf(source.resolved, route);
  const kinds = route.transport === undefined ? pathKinds : [route.transport];
  const planned = kinds.map((kind) => [kind, planGroup(context, route, kind)] as const);
  const found = planned.filter((entry): entry is [EndpointKind, GroupPlan] => entry[1] !== null);
  const groups: RoutePlan["groups"] = Object.fromEntries(
    context.engine === "nginx" ? withOneTls(source, route, found) : found,
  );
  if (Object.keys(groups).length === 0) {
    source.remarks.leaveOut(
      "NO_ENDPOINT",
      { route: route.id },
      `Route ${route.id} leads to no endpoint that can be written.`,
    );
    absent.push(`${route.id}: leads to no endpoint that can be written`);
    return null;
  }
  if (route.transport === undefined && groups.amps) tellPreflight(context, route);
  tellLogons(source, route);
  return {
    route,
    prefix: route.path ?? "/",
    isReadOnly: backends.some(isReadOnly),
    groups,
    comments: [`route ${route.id} → ${route.target}`, ...describe(source, "routes", route.id)],
  };
}

/** What Shunt knows from logons and commands, which engines do not read. */
function tellLogons({ remarks, resolved }: ExportSource, route: RouteConfig): void {
  const pool = resolved.pools.find((one) => one.id === route.target);
  if (route.sticky !== undefined && (pool?.members.length ?? 0) > 1)
    remarks.differ(
      "STICKY",
      { route: route.id, pool: route.target },
      `Route ${route.id}: no engine reads AMPS client names, so all of its clients go to one member instead of each to its own.`,
    );
  if (route.enforceRole)
    remarks.leaveOut(
      "ROLE",
      { route: route.id },
      `Route ${route.id} is for subscribers, and no engine sees when a client of it publishes or consumes and has to be closed.`,
    );
}

function tellPreflight({ source: { remarks }, engine }: GroupContext, route: RouteConfig): void {
  const where = { route: route.id };
  if (route.preflight !== "pass")
    remarks.differ(
      "PREFLIGHT",
      where,
      `Route ${route.id}: an engine cannot answer an http_preflight itself as Shunt does; the AMPS server has to.`,
    );
  if (engine === "envoy")
    remarks.differ(
      "PREFLIGHT",
      where,
      `Route ${route.id}: Envoy passes on only the Upgrade tokens that it is told; the file names websocket, tcp and tcps, so add what the preflight clients send.`,
    );
  if (engine === "nginx")
    remarks.differ(
      "HALF_CLOSE",
      where,
      `Route ${route.id}: behind an upgrade NGINX ends both directions as soon as one side ends its own.`,
    );
}

/** NGINX has one set of TLS settings for a location, but for the name. */
function withOneTls(
  { remarks }: ExportSource,
  route: RouteConfig,
  groups: readonly [EndpointKind, GroupPlan][],
): readonly [EndpointKind, GroupPlan][] {
  const settings = ([, group]: [EndpointKind, GroupPlan]) =>
    JSON.stringify({ ...group.servers[0]?.tls, name: "" });
  const secure = groups.filter(([, group]) => group.servers[0]?.tls);
  const [first] = secure;
  const other = secure.filter((entry) => first && settings(entry) !== settings(first));
  for (const [kind] of other)
    remarks.leaveOut(
      "TLS_NAMES",
      { route: route.id },
      `Route ${route.id}: NGINX has one set of TLS settings for a location, and the ${kind} endpoint needs another one.`,
    );
  return groups.filter((entry) => !other.includes(entry));
}
