/** The address of a route in the form that each kind of client needs (amps-facts 1.2). Pure. */
import type { ClientAddress } from "../contract/commands.ts";
import type { RouteConfig, ShuntConfig } from "../contract/config.ts";
import { formatHostPort, isLoopback, isWildcard, parseEndpoint, parseListen } from "../config/address.ts";
import { targetOf } from "../engine/route-targets.ts";
import { exactNameOf } from "../forward/server-name-table.ts";

const messageTypeNote = "Replace json with the message type you use.";

/** What a client on this machine writes; with `publicHost`, what one elsewhere writes. */
export function clientAddresses(
  config: ShuntConfig,
  route: RouteConfig,
  publicHost?: string,
): readonly ClientAddress[] {
  if (!parseListen(route.listen)) return [];
  const where = publicAddress(route, publicHost);
  const secure = route.tls !== undefined || route.tlsPassthrough === true;
  if (route.tlsPassthrough)
    return portAddresses(route, nameAddress(route, publicHost), secure).map((one) =>
      withServerName(one, tellNames(config, route, where)),
    );
  return route.transport === undefined
    ? pathAddresses(config, route, where, secure)
    : portAddresses(route, where, secure);
}

/** `host:port` under which a route's listener is found from this machine, or with `publicHost` from others. */
export function publicAddress(route: RouteConfig, publicHost?: string): string {
  const address = parseListen(route.listen);
  return address ? formatHostPort({ ...address, host: hostFor(address.host, publicHost) }) : route.listen;
}

/** The same, by the name that clients have to ask for where routes are told apart by it. */
export function nameAddress(route: RouteConfig, publicHost?: string): string {
  const where = publicAddress(route, publicHost);
  const name = exactNameOf(route);
  return name === undefined ? where : where.replace(/^.*(?=:\d+$)/, name);
}

function hostFor(host: string, publicHost: string | undefined): string {
  if (publicHost !== undefined && (isLoopback(host) || isWildcard(host))) return publicHost;
  if (!isWildcard(host)) return host;
  return host === "::" ? "::1" : "127.0.0.1";
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

/** TLS reaches the backend: its certificate is not for the address of the route, which may go by the name asked for. */
function tellNames(config: ShuntConfig, route: RouteConfig, where: string): string {
  const certificate = `The client sees the backend's own certificate, for ${certificateNames(config, route).join(" or ")}`;
  const { serverNames } = route;
  if (serverNames === undefined)
    return `${certificate}: have it check that name, or make the name lead here.`;
  return `The route takes clients that ask for ${serverNames.join(" or ")} (SNI): make the name lead to ${where.replace(/:\d+$/, "")}. ${certificate}.`;
}

function withServerName(address: ClientAddress, note: string): ClientAddress {
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
