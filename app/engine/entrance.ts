/** What a native door does for the clients of a route: as much as needs no look at them, and nothing that JavaScript does otherwise. Pure. */
import { isIP } from "node:net";
import type { EndpointKind, RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { Entrance } from "../forward/entrance.ts";
import { plainAddress } from "../forward/plain-address.ts";
import { whyOnly } from "./reach.ts";
import { targetOf } from "./route-targets.ts";

const pass: Entrance = { how: "pass" };

export function entranceOf(config: ShuntConfig, route: RouteConfig, isUnderConditions: boolean): Entrance {
  const { transport } = route;
  if (route.sticky !== undefined || route.tlsPassthrough || route.tls) return pass;
  if (transport !== "amps" && transport !== "replication") return pass;
  return wayTo(transport, { config, route, isUnderConditions });
}

/** The same for an upgrade through a path route whose head has been read. */
export function upgradeEntranceOf(
  config: ShuntConfig,
  route: RouteConfig,
  kind: EndpointKind,
  isUnderConditions: boolean,
): Entrance {
  return route.transport === undefined ? wayTo(kind, { config, route, isUnderConditions }) : pass;
}

interface Asked {
  readonly config: ShuntConfig;
  readonly route: RouteConfig;
  readonly isUnderConditions: boolean;
}

function wayTo(kind: EndpointKind, { config, route, isUnderConditions }: Asked): Entrance {
  if (isUnderConditions) return pass;
  // What plain subscribers do is watched for as long as it takes.
  if (kind !== "replication" && route.clients === "subscribers") return pass;
  const { pool, backends } = targetOf(config, route);
  if (!backends.some((backend) => plainAddress(backend, kind))) return pass;
  const [only] = backends;
  const address = only && plainAddress(only, kind);
  if (pool || !address || only.drained || !isLiteral(address.host)) return { how: "ask" };
  return { how: "dial", backend: only, why: whyOnly(route, only.id), address };
}

/** An address that needs no look-up, of the machine or of an interface. */
function isLiteral(host: string): boolean {
  return isIP(host) !== 0 && !host.includes("%");
}
