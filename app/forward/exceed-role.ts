/** A client on a route of plain subscribers was seen to do what the failover guard should know of: that is told. */
import { describeRole, type SeenRole } from "../amps/client-role.ts";
import type { RouteConfig } from "../contract/config.ts";
import type { Connection } from "./connection-registry.ts";
import type { Forwarding } from "./forwarding.ts";

export interface RoleSighting {
  readonly route: RouteConfig;
  readonly forwarding: Forwarding;
  readonly connection: Connection;
  readonly seen: SeenRole;
}

export function exceedRole({ route, forwarding, connection, seen }: RoleSighting): void {
  connection.role = seen;
  if (seen === "subscribers") return;
  const who = connection.logon?.ampsClient ?? connection.client;
  const what = `${who} ${describeRole(seen)} on route ${route.id}, whose clients are subscribers`;
  forwarding.note({
    event: "role-exceeded",
    severity: "warning",
    route: route.id,
    ...(connection.backend !== null && { backend: connection.backend }),
    connection: connection.id,
    message: route.enforceRole
      ? `${what}: its connection was closed before the command went further (enforceRole).`
      : `${what}: the failover guard does not look after it there. Give it a route for ${seen}, or close its connection.`,
  });
}
