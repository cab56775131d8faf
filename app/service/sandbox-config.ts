/** Puts the sandbox's backends and routes into a configuration beside the operator's own, and takes them out again. */
import type { Reply } from "../contract/commands.ts";
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";
import { listenKey } from "../listen/listener-plan.ts";

/** The environment that marks what belongs to the sandbox. */
export const sandboxEnvironment = "sandbox";

type Suggest = (listen: string) => Promise<Reply<{ readonly listen: string }>>;

function sandboxBackends(config: ShuntConfig): ReadonlySet<string> {
  return new Set(
    config.backends
      .filter((backend) => backend.environment === sandboxEnvironment)
      .map((backend) => backend.id),
  );
}

/** Everything of the sandbox taken out: its backends, pools made of them, and routes to those. */
export function removeSandbox(config: ShuntConfig): ShuntConfig {
  const backends = sandboxBackends(config);
  const pools = new Set(
    config.pools
      .filter((pool) => pool.members.every((member) => backends.has(member)))
      .map((pool) => pool.id),
  );
  const gone = (id: string) => backends.has(id) || pools.has(id);
  return {
    ...config,
    backends: config.backends.filter((backend) => !backends.has(backend.id)),
    pools: config.pools
      .filter((pool) => !pools.has(pool.id))
      .map((pool) => ({ ...pool, members: pool.members.filter((member) => !backends.has(member)) })),
    routes: config.routes.filter((route) => !gone(route.target)),
  };
}

/**
 * The operator's configuration with the sandbox's current backends, and its pools and routes where they are missing. A
 * route whose port is taken gets the next free one; ids that the operator uses for something else are left alone.
 */
export async function addSandbox(
  config: ShuntConfig,
  sandbox: ShuntConfig,
  suggest: Suggest,
): Promise<ShuntConfig> {
  const own = sandboxBackends(config);
  const backends = [...config.backends.filter((backend) => !own.has(backend.id)), ...sandbox.backends];
  const named = new Set([
    ...config.backends.map((backend) => backend.id),
    ...config.pools.map((pool) => pool.id),
  ]);
  const pools = [...config.pools, ...sandbox.pools.filter((pool) => !named.has(pool.id))];
  const missing = sandbox.routes.filter((route) => !config.routes.some((one) => one.id === route.id));
  return {
    ...config,
    backends,
    pools,
    routes: [...config.routes, ...(await placeRoutes(config.routes, missing, suggest))],
  };
}

async function placeRoutes(
  taken: readonly RouteConfig[],
  routes: readonly RouteConfig[],
  suggest: Suggest,
): Promise<readonly RouteConfig[]> {
  const used = new Set(taken.map(listenKey));
  const moved = new Map<string, string>();
  const placed: RouteConfig[] = [];
  for (const route of routes) {
    const wanted = listenKey(route);
    const listen = moved.get(wanted) ?? (await freeListen(wanted, used, suggest));
    moved.set(wanted, listen);
    used.add(listen);
    placed.push({ ...route, listen });
  }
  return placed;
}

async function freeListen(wanted: string, used: ReadonlySet<string>, suggest: Suggest): Promise<string> {
  let listen = wanted;
  for (let attempt = 0; attempt < 20; attempt++) {
    const reply = await suggest(listen);
    if (!reply.ok) return wanted;
    if (!used.has(reply.value.listen)) return reply.value.listen;
    listen = reply.value.listen.replace(/\d+$/, (port) => String(Number(port) + 1));
  }
  return wanted;
}
