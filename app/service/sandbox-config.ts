/** Puts the sandbox's backends and routes into a configuration beside the operator's own, and takes them out again. */
import type { Reply } from "../contract/commands.ts";
import type { PoolConfig, RouteConfig, ShuntConfig } from "../contract/config.ts";
import { listensOverlap, parseListen } from "../config/address.ts";
import { listenKey } from "../listen/listener-plan.ts";

/** The environment that marks what belongs to the sandbox. */
const sandboxEnvironment = "sandbox";

type Suggest = (listen: string) => Promise<Reply<{ readonly listen: string }>>;

interface SandboxRows {
  readonly backends: ReadonlySet<string>;
  /** Pools of sandbox backends alone. */
  readonly pools: ReadonlySet<string>;
}

function sandboxRows(config: ShuntConfig): SandboxRows {
  const backends = new Set(
    config.backends
      .filter((backend) => backend.environment === sandboxEnvironment)
      .map((backend) => backend.id),
  );
  const pools = config.pools.filter((pool) => pool.members.every((member) => backends.has(member)));
  return { backends, pools: new Set(pools.map((pool) => pool.id)) };
}

/** Everything of the sandbox taken out: its backends, pools made of them, and routes to those. */
export function removeSandbox(config: ShuntConfig): ShuntConfig {
  const { backends, pools } = sandboxRows(config);
  const gone = (id: string) => backends.has(id) || pools.has(id);
  return {
    ...config,
    backends: config.backends.filter((backend) => !backends.has(backend.id)),
    pools: config.pools.filter((pool) => !pools.has(pool.id)).map((pool) => withoutMembers(pool, backends)),
    routes: config.routes.filter((route) => !gone(route.target)),
  };
}

/** A pool without these members, nor weights and links that name them. */
function withoutMembers(pool: PoolConfig, gone: ReadonlySet<string>): PoolConfig {
  if (!pool.members.some((member) => gone.has(member))) return pool;
  const { weights, links, ...rest } = pool;
  return {
    ...rest,
    members: pool.members.filter((member) => !gone.has(member)),
    ...(weights && { weights: Object.fromEntries(Object.entries(weights).filter(([id]) => !gone.has(id))) }),
    ...(links && { links: links.filter(({ from, to }) => !gone.has(from) && !gone.has(to)) }),
  };
}

/**
 * The operator's configuration with the sandbox's current backends, and its pools and routes where they are missing. A
 * route whose port is taken gets the next free one; where the operator uses an id, the sandbox's row takes another.
 */
export async function addSandbox(
  config: ShuntConfig,
  sandbox: ShuntConfig,
  suggest: Suggest,
): Promise<ShuntConfig> {
  const own = sandboxRows(config);
  const fresh = renameTaken(config, own, sandbox);
  const has = (rows: readonly { readonly id: string }[], id: string) => rows.some((row) => row.id === id);
  const missing = fresh.routes.filter((route) => !has(config.routes, route.id));
  return {
    ...config,
    backends: [...config.backends.filter((backend) => !own.backends.has(backend.id)), ...fresh.backends],
    pools: [...config.pools, ...fresh.pools.filter((pool) => !has(config.pools, pool.id))],
    routes: [...config.routes, ...(await placeRoutes(config.routes, missing, suggest))],
  };
}

/** The sandbox's rows, under ids that the operator has not given to something else. */
function renameTaken(config: ShuntConfig, own: SandboxRows, sandbox: ShuntConfig): ShuntConfig {
  const taken = new Set([
    ...config.backends.map((backend) => backend.id).filter((id) => !own.backends.has(id)),
    ...config.pools.map((pool) => pool.id).filter((id) => !own.pools.has(id)),
  ]);
  const rename = (id: string) => (taken.has(id) ? `sandbox-${id}` : id);
  const isOwnTarget = (id: string) => own.backends.has(id) || own.pools.has(id);
  const isTakenRoute = (id: string) =>
    config.routes.some((route) => route.id === id && !isOwnTarget(route.target));
  return {
    ...sandbox,
    backends: sandbox.backends.map((backend) => ({
      ...backend,
      id: rename(backend.id),
      ...(taken.has(backend.id) && { instanceName: backend.instanceName ?? backend.id }),
    })),
    pools: sandbox.pools.map((pool) => ({ ...pool, id: rename(pool.id), members: pool.members.map(rename) })),
    routes: sandbox.routes.map((route) => ({
      ...route,
      id: isTakenRoute(route.id) ? `sandbox-${route.id}` : route.id,
      target: rename(route.target),
    })),
  };
}

async function placeRoutes(
  taken: readonly RouteConfig[],
  routes: readonly RouteConfig[],
  suggest: Suggest,
): Promise<readonly RouteConfig[]> {
  const used = taken.map(({ listen }) => listen);
  const moved = new Map<string, string>();
  const placed: RouteConfig[] = [];
  for (const route of routes) {
    const wanted = listenKey(route);
    const listen = moved.get(wanted) ?? (await freeListen(wanted, used, suggest));
    moved.set(wanted, listen);
    used.push(listen);
    placed.push({ ...route, listen });
  }
  return placed;
}

async function freeListen(wanted: string, used: readonly string[], suggest: Suggest): Promise<string> {
  let listen = wanted;
  for (let attempt = 0; attempt < 20; attempt++) {
    const reply = await suggest(listen);
    if (!reply.ok) return wanted;
    const free = parseListen(reply.value.listen);
    const clashes = used.map(parseListen).some((one) => one && free && listensOverlap(one, free));
    if (!clashes) return reply.value.listen;
    listen = reply.value.listen.replace(/\d+$/, (port) => String(Number(port) + 1));
  }
  return wanted;
}
