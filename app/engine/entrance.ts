/** What a native door does for the clients of a route: as much as needs no look at them, and nothing that JavaScript does otherwise. Pure. */
import { isIP } from "node:net";
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";
import type { Entrance } from "../forward/entrance.ts";
import { plainAddress } from "../forward/plain-address.ts";
import { whyOnly } from "./reach.ts";
import { targetOf } from "./route-targets.ts";

const pass: Entrance = { how: "pass" };

export function entranceOf(config: ShuntConfig, route: RouteConfig, isUnderConditions: boolean): Entrance {
  const { transport } = route;
  if (isUnderConditions || route.sticky !== undefined || route.tlsPassthrough || route.tls) return pass;
  if (transport !== "amps" && transport !== "replication") return pass;
  // What plain subscribers do is watched for as long as it takes.
  if (transport === "amps" && route.clients === "subscribers") return pass;
  const { pool, backends } = targetOf(config, route);
  if (!backends.some((backend) => plainAddress(backend, transport))) return pass;
  const [only] = backends;
  const address = only && plainAddress(only, transport);
  if (pool || !address || only.drained || !isLiteral(address.host)) return { how: "ask" };
  return { how: "dial", backend: only, why: whyOnly(route, only.id), address };
}

/** An address that needs no look-up, of the machine or of an interface. */
function isLiteral(host: string): boolean {
  return isIP(host) !== 0 && !host.includes("%");
}
