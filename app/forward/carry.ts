/** Joins a client to the backend that took it (established already): splice, watch for the logon, tell how it ended. */
import type { Duplex } from "node:stream";
import type { LogonFacts } from "../amps/header.ts";
import { watchRole, type RoleWatch } from "../amps/role-watch.ts";
import type { RouteConfig } from "../contract/config.ts";
import { failure } from "../failures.ts";
import type { Connection } from "./connection.ts";
import { exceedRole, refuseUnread } from "./exceed-role.ts";
import type { Forwarding, Reached } from "./forwarding.ts";
import type { Observer } from "./move-streams.ts";
import type { SpliceEnd } from "./mover.ts";
import { asksForCertificate } from "./secure.ts";
import { splice } from "./splice.ts";

export interface CarryOptions {
  readonly route: RouteConfig;
  readonly forwarding: Forwarding;
  readonly connection: Connection;
  readonly client: Duplex;
  readonly reached: Reached;
  readonly observer?:
    ((onLogon: (facts: LogonFacts) => void, role: RoleWatch | null) => Observer) | undefined;
  /** Read from the client before a backend was there; delivered first. */
  readonly early?: Buffer | undefined;
}

export function carry(options: CarryOptions): void {
  const { forwarding, connection, client, reached, observer, early, route } = options;
  // Elsewhere the guard counts with the strictest already, and nobody needs to look.
  const role =
    route.clients === "subscribers"
      ? watchRole({
          enforce: route.enforceRole === true,
          onRole: (seen) => exceedRole({ route, forwarding, connection, seen }),
          onLost: () => refuseUnread({ route, forwarding, connection }),
        })
      : null;
  const onLogon = (facts: LogonFacts): void => {
    connection.logon = facts;
  };
  const joined = splice({
    client,
    backend: reached.socket,
    bytes: connection.bytes,
    early,
    takeOver: forwarding.takeOver,
    observer: observer?.(onLogon, role) ?? null,
    onHalfClosed: () => {
      connection.state = "half-closed";
    },
    onEnd: (end) => endCarried(forwarding, connection, end),
  });
  connection.cut = joined.cut;
}

function nameOf(connection: Connection): string {
  return connection.logon?.ampsClient ?? connection.client;
}

/** What was carried is over: that is counted and told. */
export function endCarried(forwarding: Forwarding, connection: Connection, end: SpliceEnd): void {
  forwarding.registry.end(connection);
  tellEnd(forwarding, connection, end);
}

function tellEnd({ note }: Forwarding, connection: Connection, end: SpliceEnd): void {
  const common = {
    route: connection.route,
    ...(connection.backend !== null && { backend: connection.backend }),
    connection: connection.id,
  };
  if (end.how === "broken" && end.by === "backend" && asksForCertificate(end.code)) {
    const { message, advice, code } = failure(
      "TLS_CLIENT_REFUSED",
      `${connection.backend} did not accept Shunt as a TLS client (${end.code}).`,
    );
    note({ ...common, event: "connection-failed", severity: "error", code, message: `${message} ${advice}` });
  } else if (end.how === "broken" && end.by === "backend") {
    note({
      ...common,
      event: "connection-failed",
      severity: "warning",
      code: "BACKEND_RESET",
      message: `${connection.backend} broke off the connection of ${nameOf(connection)} (${end.code}).`,
    });
  } else if (end.how === "broken") {
    note({
      ...common,
      event: "connection-closed",
      severity: "info",
      message: `${nameOf(connection)} broke its connection off (${end.code}).`,
    });
  } else if (end.how === "idle-half-closed") {
    note({
      ...common,
      event: "connection-closed",
      severity: "info",
      message: `The connection of ${nameOf(connection)} was closed: one side had ended and the other stayed silent.`,
    });
  }
}
