/** A client on a route of plain subscribers was seen to do what the failover guard should know of: that is told. */
import { describeRole, type SeenRole } from "../amps/client-role.ts";
import type { RouteConfig } from "../contract/config.ts";
import type { Connection } from "./connection.ts";
import type { Forwarding } from "./forwarding.ts";

interface RoleSighting {
  readonly route: RouteConfig;
  readonly forwarding: Forwarding;
  readonly connection: Connection;
  readonly seen: SeenRole;
}

export function exceedRole({ seen, ...sighting }: RoleSighting): void {
  const { route, connection } = sighting;
  connection.role = seen;
  if (seen === "subscribers") return;
  const what = `${describeRole(seen)} on route ${route.id}, whose clients are subscribers`;
  tell(
    sighting,
    route.enforceRole
      ? `${what}: its connection was closed before the command went further (enforceRole).`
      : `${what}: the failover guard does not look after it there. Give it a route for ${seen}, or close its connection.`,
  );
}

/** Where the role is enforced, who can no longer be read might do anything. */
export function refuseUnread(sighting: Omit<RoleSighting, "seen">): void {
  tell(
    sighting,
    `sent on route ${sighting.route.id} what cannot be read, and its clients have to be seen to be subscribers: its connection was closed (enforceRole).`,
  );
}

function tell({ route, forwarding, connection }: Omit<RoleSighting, "seen">, what: string): void {
  forwarding.note({
    event: "role-exceeded",
    severity: "warning",
    route: route.id,
    ...(connection.backend !== null && { backend: connection.backend }),
    connection: connection.id,
    message: `${connection.logon?.ampsClient ?? connection.client} ${what}`,
  });
}
