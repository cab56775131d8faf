/** What the parts of a document say about one another: unique ids, known targets, one owner for each address. */
import type {
  BackendConfig,
  ConfigProblem,
  EndpointKind,
  PoolConfig,
  RouteConfig,
  ShuntConfig,
} from "../contract/config.ts";
import { isReadOnly } from "../http/read-only.ts";
import { parseEndpoint } from "./address.ts";
import { enforceRoleProblem, stickyProblem } from "./client-handling.ts";
import { checkListeners, type Add } from "./listen-claims.ts";

/** Every problem between the parts of a well-shaped document. */
export function checkReferences(config: ShuntConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const add: Add = (path, message) => problems.push({ path, message });
  checkUnique(config, add);
  checkBackends(config, add);
  checkPools(config, add);
  const targets = targetsOf(config);
  config.routes.forEach((route, index) => {
    const path = `routes[${index}]`;
    checkRouteShape(route, path, add);
    checkTarget(targets, route, path, add);
    checkClientHandling(config, route, path, add);
  });
  checkListeners(config.routes, add);
  return problems;
}

interface NameSpace {
  readonly items: readonly (readonly [path: string, item: { readonly id: string }])[];
  readonly hint: string;
}

function checkUnique(config: ShuntConfig, add: Add): void {
  const listed = (name: "tunnels" | "backends" | "pools" | "routes") =>
    config[name].map((item, index) => [`${name}[${index}]`, item] as const);
  const spaces: readonly NameSpace[] = [
    { items: listed("tunnels"), hint: "choose another id" },
    {
      items: [...listed("backends"), ...listed("pools")],
      hint: "choose another id; backends and pools share one name space",
    },
    { items: listed("routes"), hint: "choose another id" },
  ];
  for (const { items, hint } of spaces) {
    const first = new Map<string, string>();
    for (const [path, { id }] of items) {
      const earlier = first.get(id);
      if (earlier === undefined) first.set(id, path);
      else add(`${path}.id`, `"${id}" is taken by ${earlier}; ${hint}`);
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
    if (pool.members.length > 0 && pool.members.every((member) => pool.weights?.[member] === 0))
      add(`${path}.weights`, "is 0 for every member, so that none would take a connection; give one a share");
    pool.links?.forEach((link, at) => {
      for (const end of ["from", "to"] as const) {
        if (!pool.members.includes(link[end]))
          add(`${path}.links[${at}].${end}`, `"${link[end]}" is not a member of the pool`);
      }
      if (link.from === link.to) add(`${path}.links[${at}]`, "a link joins two different members");
    });
  });
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
  if (route.tlsPassthrough) checkPassthroughShape(route, path, add);
  if (route.serverNames) checkServerNames(route, path, add);
  if (route.preflight && !byPath && route.transport !== "amps")
    add(`${path}.preflight`, "only path routes and amps port routes meet preflight clients");
}

/** Bytes that nobody looks into: what would need a look is a contradiction. */
function checkPassthroughShape(route: RouteConfig, path: string, add: Add): void {
  if (route.transport === undefined)
    add(`${path}.tlsPassthrough`, "only port routes pass TLS through; a path route has to read the request");
  if (route.tls)
    add(`${path}.tls`, "cannot go with tlsPassthrough: the client sees the backend's own certificate");
  for (const key of ["sticky", "preflight", "hosts", "origins"] as const)
    if (route[key] !== undefined)
      add(`${path}.${key}`, "cannot go with tlsPassthrough: what goes through is not looked into");
}

function checkServerNames({ serverNames = [], tlsPassthrough }: RouteConfig, path: string, add: Add): void {
  if (!tlsPassthrough)
    add(
      `${path}.serverNames`,
      "need tlsPassthrough: only routes that pass TLS through are told apart by them",
    );
  serverNames.forEach((name, at) => {
    if (serverNames.indexOf(name) !== at) add(`${path}.serverNames[${at}]`, `"${name}" is named twice`);
  });
}

interface Targets {
  readonly config: ShuntConfig;
  /** The members of every pool, and every backend for itself, by id. */
  readonly members: ReadonlyMap<string, readonly BackendConfig[]>;
}

function targetsOf(config: ShuntConfig): Targets {
  const backends = new Map(config.backends.map((backend) => [backend.id, backend]));
  const membersOf = ({ members }: PoolConfig) =>
    members.map((id) => backends.get(id)).filter((backend) => backend !== undefined);
  return {
    config,
    members: new Map<string, readonly BackendConfig[]>([
      ...config.backends.map((backend) => [backend.id, [backend]] as const),
      ...config.pools.map((pool) => [pool.id, membersOf(pool)] as const),
    ]),
  };
}

function checkTarget({ config, members: known }: Targets, route: RouteConfig, path: string, add: Add): void {
  const members = known.get(route.target);
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
    const url = backend[transport];
    if (url === undefined) add(`${path}.transport`, `backend "${backend.id}" has no ${transport} endpoint`);
    else if (route.tlsPassthrough) checkPassthroughTo(backend, transport, url, `${path}.tlsPassthrough`, add);
  }
}

function checkPassthroughTo(
  backend: BackendConfig,
  transport: EndpointKind,
  url: string,
  path: string,
  add: Add,
): void {
  if (parseEndpoint(transport, url)?.tls === false)
    add(path, `the ${transport} endpoint of backend "${backend.id}" does not speak TLS (${url})`);
  if (transport === "admin" && isReadOnly(backend))
    add(path, `backend "${backend.id}" is read-only, which cannot be kept where nothing is looked into`);
}

function checkClientHandling(config: ShuntConfig, route: RouteConfig, path: string, add: Add): void {
  const sticky = stickyProblem(config, route);
  if (sticky !== null) add(`${path}.sticky`, sticky);
  const enforced = enforceRoleProblem(route);
  if (enforced !== null) add(`${path}.enforceRole`, enforced);
}
