/** The address of a route in the form that each kind of client needs (amps-facts 1.2). Pure. */
import type { ClientAddress } from "../contract/commands.ts";
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";
import { formatHostPort, isWildcard, parseEndpoint, parseListen } from "../config/address.ts";
import { targetOf } from "../engine/route-targets.ts";

const messageTypeNote = "Replace json with the message type you use.";

/** What a client on this machine writes. */
export function clientAddresses(config: ShuntConfig, route: RouteConfig): readonly ClientAddress[] {
  const address = parseListen(route.listen);
  if (!address) return [];
  const host = isWildcard(address.host)
    ? { ...address, host: address.host === "::" ? "::1" : "127.0.0.1" }
    : address;
  const where = formatHostPort(host);
  const secure = route.tls !== undefined || route.tlsPassthrough === true;
  if (route.tlsPassthrough)
    return portAddresses(route, where, secure).map((one) =>
      withServerName(one, certificateNames(config, route)),
    );
  return route.transport === undefined
    ? pathAddresses(config, route, where, secure)
    : portAddresses(route, where, secure);
}

function portAddresses(route: RouteConfig, where: string, secure: boolean): readonly ClientAddress[] {
  switch (route.transport) {
    case "websocket":
      return [
        {
          label: "JavaScript client",
          value: `${secure ? "wss" : "ws"}://${where}/amps/json`,
          note: messageTypeNote,
        },
      ];
    case "admin":
      return [
        {
          label: "Galvanometer and statistics",
          value: `${secure ? "https" : "http"}://${where}/`,
          note: null,
        },
      ];
    case "replication":
      return [
        {
          label: "Replication destination (InetAddr)",
          value: where,
          note: "For a Transport of a Replication Destination in the AMPS configuration.",
        },
      ];
    default:
      return [
        {
          label: "Python, C++, Java and C# clients",
          value: `${secure ? "tcps" : "tcp"}://${where}/amps/json`,
          note: messageTypeNote,
        },
        { label: "spark", value: `-server ${where} -proto amps -type json`, note: null },
      ];
  }
}

/** The names that the backends' certificates are for, as far as the configuration says. */
function certificateNames(config: ShuntConfig, route: RouteConfig): readonly string[] {
  const { backends } = targetOf(config, route);
  const names = backends.map((backend) => {
    const kind = route.transport ?? "amps";
    return backend.tls?.serverName ?? parseEndpoint(kind, backend[kind] ?? "")?.host;
  });
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** TLS reaches the backend: its certificate is not for the address of the route. */
function withServerName(address: ClientAddress, names: readonly string[]): ClientAddress {
  const note = `The client sees the backend's own certificate, for ${names.join(" or ")}: have it check that name, or make the name lead here.`;
  return { ...address, note: address.note === null ? note : `${address.note} ${note}` };
}

function pathAddresses(
  config: ShuntConfig,
  route: RouteConfig,
  where: string,
  secure: boolean,
): readonly ClientAddress[] {
  const { backends } = targetOf(config, route);
  const at = route.host === undefined ? where : where.replace(/^.*(?=:\d+$)/, route.host);
  const base = `${at}${route.path === undefined || route.path === "/" ? "" : route.path}`;
  const has = (kind: "amps" | "websocket" | "admin") =>
    backends.some((backend) => backend[kind] !== undefined);
  const addresses: ClientAddress[] = [];
  if (has("websocket"))
    addresses.push({
      label: "JavaScript client",
      value: `${secure ? "wss" : "ws"}://${base}/amps/json`,
      note: messageTypeNote,
    });
  if (has("amps")) {
    addresses.push({
      label: "Python, C++, Java and C# clients, with http_preflight",
      value: `${secure ? "tcps" : "tcp"}://${base}/amps/json?http_preflight=true`,
      note: messageTypeNote,
    });
  }
  if (has("admin"))
    addresses.push({
      label: "Galvanometer and statistics",
      value: `${secure ? "https" : "http"}://${base}/`,
      note: null,
    });
  return addresses;
}
