/** Connection strings for every kind of client, as a text file; lists for server choosers where there is a choice. */
import type { PoolConfig, RouteConfig } from "../contract/config.ts";
import { isGuarded } from "../balance/choose-backend.ts";
import { clientAddresses } from "./client-addresses.ts";
import { hashComments } from "./comments.ts";
import { describe, type ExportSource } from "./plan/source.ts";

export function clientList(source: ExportSource): string {
  const { resolved, request } = source;
  const routes = resolved.routes.filter((route) => route.enabled !== false);
  const lines = [
    ...hashComments([
      `Exported from Shunt, ${request.publicHost === undefined ? "for clients on its own machine" : `for clients that come to ${request.publicHost}`}. Users and passwords are the clients' own: none is written here.`,
    ]),
    "",
    ...routes.flatMap((route) => [...routeLines(source, route), ""]),
    ...resolved.pools.flatMap((pool) => chooserLines(source, pool, routes)),
  ];
  return `${lines.join("\n").trim()}\n`;
}

function routeLines(source: ExportSource, route: RouteConfig): readonly string[] {
  const { resolved, request } = source;
  return [
    ...hashComments([
      `${route.id} → ${route.target}${route.clients === undefined ? "" : `, for ${route.clients}`}`,
      ...describe(source, "routes", route.id),
    ]),
    ...clientAddresses(resolved, route, request.publicHost).flatMap(({ label, value, note }) => [
      `${label}:`,
      `    ${value}`,
      ...(note === null ? [] : hashComments([note], "    ")),
    ]),
  ];
}

/** One list for each kind of client: the routes to the pool, then those to its members, in the pool's order. */
function chooserLines(
  source: ExportSource,
  pool: PoolConfig,
  routes: readonly RouteConfig[],
): readonly string[] {
  const { resolved, request } = source;
  const targets = [pool.id, ...pool.members];
  const found = targets
    .flatMap((target) => routes.filter((route) => route.target === target))
    .filter((route) => route.transport !== "admin" && route.transport !== "replication")
    .flatMap((route) =>
      clientAddresses(resolved, route, request.publicHost).map((address) => ({ route, address })),
    )
    .filter(({ address }) => /^(tcps?|wss?):/.test(address.value));
  const labels = [...new Set(found.map(({ address }) => address.label))];
  return labels.flatMap((label) => {
    const own = found.filter(({ address }) => address.label === label);
    if (own.length < 2) return [];
    const hasGuarded = own.some(({ route }) => isGuarded(route.clients ?? "mixed"));
    return [
      ...hashComments([
        `server chooser of pool ${pool.id}: ${label}`,
        ...(hasGuarded
          ? [
              "For subscribers. A chooser moves to the next address without knowing what has been replicated: publishers and consumers get the address of the pool's route alone.",
            ]
          : []),
      ]),
      ...own.map(({ route, address }) => `${address.value}    # ${route.id} → ${route.target}`),
      "",
    ];
  });
}
