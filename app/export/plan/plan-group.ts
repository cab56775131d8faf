/** Which servers a route's endpoint has, and how connections are shared among them. */
import type { BackendConfig, EndpointKind, PoolConfig, RouteConfig } from "../../contract/config.ts";
import { isGuarded } from "../../balance/choose-backend.ts";
import { parseHostPort } from "../../config/address.ts";
import { targetOf } from "../../engine/route-targets.ts";
import type { EngineName, GroupPlan, ServerPlan } from "./export-plan.ts";
import type { ServerPlanner } from "./plan-servers.ts";
import type { ExportSource } from "./source.ts";

export interface GroupContext {
  readonly source: ExportSource;
  readonly engine: EngineName;
  readonly servers: ServerPlanner;
}

/** Null where no server has the endpoint, or it cannot be written. */
export function planGroup(context: GroupContext, route: RouteConfig, kind: EndpointKind): GroupPlan | null {
  const { pool, backends } = targetOf(context.source.resolved, route);
  const shape = pool ? inPool(context, { route, pool, backends, kind }) : { members: backends };
  const planned = shape.members
    .map((backend) =>
      planServer(context, { backend, kind, pool, guarded: shape.followsAgent === true, route }),
    )
    .filter((server) => server !== null);
  const servers = context.engine === "nginx" ? withOneTls(context.source, route, planned) : planned;
  if (servers.length === 0) return null;
  const balance = pool && servers.length > 1 ? (pool.balance ?? "primary") : "primary";
  const group: GroupPlan = {
    name: `${route.id}-${kind}`,
    kind,
    balance,
    followsAgent: shape.followsAgent === true,
    servers: balance === "primary" && shape.followsAgent !== true ? withBackups(servers) : servers,
    comments: shape.comments ?? [],
  };
  if (servers.length > 1) tellBalance(context, route, pool, group);
  return group;
}

interface Shape {
  readonly members: readonly BackendConfig[];
  readonly followsAgent?: boolean;
  readonly comments?: readonly string[];
}

interface PoolRoute {
  readonly route: RouteConfig;
  readonly pool: PoolConfig;
  readonly backends: readonly BackendConfig[];
  readonly kind: EndpointKind;
}

function inPool(context: GroupContext, { route, pool, backends, kind }: PoolRoute): Shape {
  const { engine, source } = context;
  const role = route.clients ?? "mixed";
  const able = backends.filter((backend) => backend[kind] !== undefined);
  if (!isGuarded(role)) {
    const weighed = able.filter((backend) => pool.weights?.[backend.id] !== 0);
    const none = able.filter((backend) => !weighed.includes(backend));
    return { members: weighed, comments: none.map(({ id }) => `left out: ${id}, whose weight is 0`) };
  }
  if (engine === "haproxy" && pool.agent !== undefined && backends.length > 1)
    return {
      members: able,
      followsAgent: true,
      comments: [
        `guarded (${role}): a member takes connections only while Shunt's agent says that it is the active one; start Shunt first`,
      ],
    };
  const [active] = [...backends.filter((backend) => backend.drained !== true), ...backends];
  if (!active) return { members: [] };
  const others = backends.filter((backend) => backend !== active).map(({ id }) => id);
  if (others.length === 0) return { members: able };
  const remedy =
    engine === "haproxy"
      ? "give the pool an agent, which HAProxy can follow, or"
      : "HAProxy can, with an agent on the pool; or";
  source.remarks.leaveOut(
    "GUARD",
    { route: route.id, pool: pool.id },
    `Route ${route.id} carries ${role}, and no engine knows when these may move to another member of pool ${pool.id}: ${remedy} export ${active.id} alone, without a backup.`,
  );
  return {
    members: able.filter((backend) => backend === active),
    comments: [
      `guarded (${role}): ${active.id} alone, and no backup. Left out: ${others.join(", ")}. An engine would move these clients there without knowing whether everything that was acknowledged has been replicated.`,
    ],
  };
}

interface ServerQuestion {
  readonly backend: BackendConfig;
  readonly kind: EndpointKind;
  readonly pool: PoolConfig | null;
  readonly guarded: boolean;
  readonly route: RouteConfig;
}

function planServer({ servers, engine }: GroupContext, question: ServerQuestion): ServerPlan | null {
  const { backend, kind, pool, guarded, route } = question;
  const server = servers.plan(backend, kind, route.tlsPassthrough === true);
  const address = engine === "haproxy" && pool?.agent !== undefined ? parseHostPort(pool.agent) : null;
  const isAsked = address !== null && (pool?.members.length ?? 0) > 1;
  return (
    server && {
      ...server,
      weight: guarded ? 1 : (pool?.weights?.[backend.id] ?? 1),
      agent: isAsked ? { address, question: guarded ? backend.id : `${backend.id} subscribers` } : null,
    }
  );
}

/** NGINX has one set of TLS settings for a group: servers that need another one cannot be in it. */
function withOneTls(
  { remarks }: ExportSource,
  route: RouteConfig,
  servers: readonly ServerPlan[],
): readonly ServerPlan[] {
  const [first] = servers;
  const kept = servers.filter(({ tls }) => JSON.stringify(tls) === JSON.stringify(first?.tls));
  for (const { backend } of servers.filter((server) => !kept.includes(server)))
    remarks.leaveOut(
      "TLS_NAMES",
      { route: route.id, backend },
      `Route ${route.id}: NGINX verifies one certificate name for a whole group, and ${backend} has other TLS settings than ${first?.backend}; give both the same tls.serverName.`,
    );
  return kept;
}

/** `primary`: the first that takes connections, the others only while it is down. */
function withBackups(servers: readonly ServerPlan[]): readonly ServerPlan[] {
  const first = servers.findIndex((server) => !server.isDrained);
  return servers.map((server, index) => ({ ...server, isBackup: index !== first && !server.isDrained }));
}

function tellBalance(
  { engine, source }: GroupContext,
  route: RouteConfig,
  pool: PoolConfig | null,
  group: GroupPlan,
): void {
  const where = { route: route.id, ...(pool && { pool: pool.id }) };
  const hasAgent = group.servers.some((server) => server.agent !== null);
  if (hasAgent)
    source.remarks.differ(
      "AGENT",
      where,
      `HAProxy asks Shunt at ${pool?.agent ?? ""} about pool ${pool?.id ?? ""}: keep Shunt running there, and on the same machine unless that address says otherwise.`,
    );
  if (group.balance === "least-load" && !hasAgent)
    source.remarks.differ(
      "BALANCE",
      where,
      `Route ${route.id}: no engine reads AMPS's statistics, so least-load becomes least connections.`,
    );
  if (engine !== "envoy" && route.transport === undefined)
    source.remarks.differ(
      "HOST_HEADER",
      where,
      `Route ${route.id}: every member of the pool gets the Host line ${group.servers[0]?.authority ?? ""}, the first one's own.`,
    );
  if (engine === "nginx")
    source.remarks.differ(
      "HEALTH_CHECK",
      where,
      `Route ${route.id}: NGINX has no active health checks; a server is out for 10 s once a connection to it failed.`,
    );
}
