/** What the parts of a document say about one another: unique ids, known targets, one owner for each address. */
import type {
  BackendConfig,
  ConfigProblem,
  EndpointKind,
  PoolConfig,
  RouteConfig,
  ShuntConfig,
} from "../contract/config.ts";
import { formatHostPort, isWildcard, parseListen } from "./address.ts";

type Add = (path: string, message: string) => void;

/** Every problem between the parts of a well-shaped document. */
export function checkReferences(config: ShuntConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const add: Add = (path, message) => problems.push({ path, message });
  checkUnique(config, add);
  checkBackends(config, add);
  checkPools(config, add);
  config.routes.forEach((route, index) => {
    checkRouteShape(route, `routes[${index}]`, add);
    checkTarget(config, route, `routes[${index}]`, add);
  });
  checkListeners(config.routes, add);
  return problems;
}

function checkUnique(config: ShuntConfig, add: Add): void {
  const spaces: readonly (readonly (readonly [string, { readonly id: string }])[])[] = [
    config.tunnels.map((item, index) => [`tunnels[${index}].id`, item] as const),
    [
      ...config.backends.map((item, index) => [`backends[${index}].id`, item] as const),
      ...config.pools.map((item, index) => [`pools[${index}].id`, item] as const),
    ],
    config.routes.map((item, index) => [`routes[${index}].id`, item] as const),
  ];
  for (const space of spaces) {
    const first = new Map<string, string>();
    for (const [path, { id }] of space) {
      const earlier = first.get(id);
      if (earlier === undefined) first.set(id, path);
      else
        add(
          path,
          `"${id}" is taken by ${earlier.replace(/\.id$/, "")}; backends and pools share one name space`,
        );
    }
  }
}

function listIds(items: readonly { readonly id: string }[]): string {
  if (items.length === 0) return "none is defined";
  const names = items
    .slice(0, 8)
    .map((item) => item.id)
    .join(", ");
  return `known: ${names}${items.length > 8 ? ", …" : ""}`;
}

function checkBackends(config: ShuntConfig, add: Add): void {
  config.backends.forEach((backend, index) => {
    const path = `backends[${index}]`;
    if (backend.via !== undefined && !config.tunnels.some((tunnel) => tunnel.id === backend.via)) {
      add(`${path}.via`, `"${backend.via}" is not a tunnel; ${listIds(config.tunnels)}`);
    }
    if (!backend.amps && !backend.websocket && !backend.admin && !backend.replication) {
      add(
        path,
        `"${backend.id}" has no endpoint; give it at least one of amps, websocket, admin, replication`,
      );
    }
    if ((backend.tls?.clientCertFile === undefined) !== (backend.tls?.clientKeyFile === undefined)) {
      add(`${path}.tls`, "a client certificate needs both clientCertFile and clientKeyFile");
    }
  });
}

function checkPools(config: ShuntConfig, add: Add): void {
  const isBackend = (id: string) => config.backends.some((backend) => backend.id === id);
  config.pools.forEach((pool, index) => {
    const path = `pools[${index}]`;
    pool.members.forEach((member, at) => {
      if (!isBackend(member))
        add(`${path}.members[${at}]`, `"${member}" is not a backend; ${listIds(config.backends)}`);
      if (pool.members.indexOf(member) !== at) add(`${path}.members[${at}]`, `"${member}" is named twice`);
    });
    for (const member of Object.keys(pool.weights ?? {})) {
      if (!pool.members.includes(member))
        add(`${path}.weights.${member}`, `"${member}" is not a member of the pool`);
    }
    pool.links?.forEach((link, at) => {
      for (const end of ["from", "to"] as const) {
        if (!pool.members.includes(link[end]))
          add(`${path}.links[${at}].${end}`, `"${link[end]}" is not a member of the pool`);
      }
      if (link.from === link.to) add(`${path}.links[${at}]`, "a link joins two different members");
    });
  });
}

/** True for a route that shares its listener by path or Host name. */
export function isPathRoute(route: Pick<RouteConfig, "path" | "host" | "transport">): boolean {
  return route.transport === undefined;
}

function checkRouteShape(route: RouteConfig, path: string, add: Add): void {
  const byPath = route.path !== undefined || route.host !== undefined;
  if (route.transport !== undefined && byPath) {
    add(`${path}.transport`, "a route has either transport (port route) or path/host (path route), not both");
  }
  if (route.transport === undefined && !byPath) {
    add(
      path,
      `"${route.id}" needs transport (amps, websocket, admin, replication) or a path such as /${route.id}`,
    );
  }
  if (route.keepPrefix !== undefined && route.path === undefined)
    add(`${path}.keepPrefix`, "only a route with a path has a prefix to keep");
  const speaksHttp = byPath || route.transport === "websocket" || route.transport === "admin";
  for (const key of ["hosts", "origins"] as const) {
    if (route[key] && !speaksHttp)
      add(`${path}.${key}`, "only routes that carry HTTP or WebSocket check names and origins");
  }
  if (route.preflight && !byPath && route.transport !== "amps")
    add(`${path}.preflight`, "only path routes and amps port routes meet preflight clients");
}

function membersOf(config: ShuntConfig, target: string): readonly BackendConfig[] | null {
  const pool: PoolConfig | undefined = config.pools.find((item) => item.id === target);
  const ids = pool ? pool.members : [target];
  const found = ids.map((id) => config.backends.find((backend) => backend.id === id));
  if (!pool && found[0] === undefined) return null;
  return found.filter((backend) => backend !== undefined);
}

function checkTarget(config: ShuntConfig, route: RouteConfig, path: string, add: Add): void {
  const members = membersOf(config, route.target);
  if (!members) {
    add(
      `${path}.target`,
      `"${route.target}" is not a backend or pool; ${listIds([...config.backends, ...config.pools])}`,
    );
    return;
  }
  const transport: EndpointKind | undefined = route.transport;
  if (transport === undefined) return;
  for (const backend of members) {
    if (backend[transport] === undefined)
      add(`${path}.transport`, `backend "${backend.id}" has no ${transport} endpoint`);
  }
}

interface Claim {
  readonly route: RouteConfig;
  readonly at: string;
  readonly host: string;
  readonly port: number;
}

function overlap(one: Claim, other: Claim): boolean {
  return (
    one.port === other.port && (one.host === other.host || isWildcard(one.host) || isWildcard(other.host))
  );
}

function checkListeners(routes: readonly RouteConfig[], add: Add): void {
  const claims: Claim[] = [];
  routes.forEach((route, index) => {
    const address = parseListen(route.listen);
    if (!address || route.enabled === false) return;
    const claim: Claim = { route, at: `routes[${index}]`, ...address };
    for (const earlier of claims) {
      if (overlap(claim, earlier)) checkShared(claim, earlier, add);
    }
    claims.push(claim);
  });
}

function checkShared(claim: Claim, earlier: Claim, add: Add): void {
  const address = formatHostPort(claim);
  const owner = `${earlier.at} ("${earlier.route.id}")`;
  if (!isPathRoute(claim.route) || !isPathRoute(earlier.route)) {
    const why = isPathRoute(earlier.route) ? "shares it by path" : "is a port route and owns it";
    add(`${claim.at}.listen`, `${address} is taken: ${owner} ${why}; choose another port`);
    return;
  }
  if (claim.host !== earlier.host) {
    add(
      `${claim.at}.listen`,
      `${address} overlaps ${formatHostPort(earlier)} of ${owner}; use the same address to share it`,
    );
    return;
  }
  if ((claim.route.path ?? "/") === (earlier.route.path ?? "/") && claim.route.host === earlier.route.host) {
    add(`${claim.at}.path`, `"${claim.route.path ?? claim.route.host}" is taken by ${owner} on ${address}`);
  }
  if (JSON.stringify(claim.route.tls) !== JSON.stringify(earlier.route.tls)) {
    add(`${claim.at}.tls`, `differs from ${owner}; routes that share ${address} share one certificate`);
  }
}
