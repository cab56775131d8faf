/** Listeners that carry bytes: one `server` of the stream module each. */
import { boundHosts } from "../../config/address.ts";
import type { ListenerPlan } from "../plan/export-plan.ts";
import { groupsOf, nameGroups, oneLabel } from "../plan/server-names.ts";
import { address, block, comments, directive, map, variable, word, type Lines } from "./nginx-syntax.ts";
import { proxyTls, upstream } from "./nginx-upstream.ts";

/** AMPS clients may be silent for hours; keepalives find the ones that are gone. */
export const forever = "24d";

/** Options of the socket stand once for each address, in its first server. */
export function listenLines({ bind, tls }: ListenerPlan, place: "only" | "default" | "further"): Lines {
  return boundHosts(bind.host).map((host) =>
    directive(
      "listen",
      address({ ...bind, host }),
      ...(place === "default" ? ["default_server"] : []),
      ...(tls ? ["ssl"] : []),
      ...(place === "further" ? [] : [...(host.includes(":") ? ["ipv6only=off"] : []), "so_keepalive=on"]),
    ),
  );
}

export function listenerTls({ tls }: ListenerPlan): Lines {
  if (!tls) return [];
  return [
    directive("ssl_certificate", word(tls.certFile)),
    directive("ssl_certificate_key", word(tls.keyFile)),
    directive("ssl_protocols", "TLSv1.2", "TLSv1.3"),
  ];
}

export function streamServer(listener: ListenerPlan): Lines {
  return listener.kind === "names" ? namedServer(listener) : portServer(listener);
}

function portServer(listener: ListenerPlan): Lines {
  const [route] = listener.routes;
  const [group] = Object.values(route?.groups ?? {});
  if (!route || !group) return [];
  const tls = group.servers[0]?.tls ?? null;
  return [
    ...comments(route.comments),
    ...upstream(group),
    ...block("server", [
      ...listenLines(listener, "only"),
      ...listenerTls(listener),
      directive("proxy_pass", group.name),
      ...(tls ? ["proxy_ssl on;", ...proxyTls(tls)] : []),
    ]),
    "",
  ];
}

/** What is no value in a map but a parameter of it, unless a backslash says so. */
const ownWord = /^(default|hostnames|include|volatile)$/;

/** TLS that goes through, by the server name in its ClientHello: without an upstream, NGINX closes. */
function namedServer(listener: ListenerPlan): Lines {
  const target = variable("route", listener.name);
  const { others, named } = nameGroups(listener);
  return [
    ...comments(listener.routes.flatMap((route) => route.comments)),
    ...groupsOf(listener).flatMap(upstream),
    ...map("$ssl_preread_server_name", target, [
      { on: "default", gives: others?.name ?? '""' },
      ...named.map(({ name, group }) => ({
        on: name.startsWith("*") ? `~*${oneLabel(name)}` : name.replace(ownWord, "\\$&"),
        gives: group?.name ?? '""',
      })),
    ]),
    ...block("server", [
      ...listenLines(listener, "only"),
      directive("ssl_preread", "on"),
      directive("preread_timeout", "10s"),
      directive("proxy_pass", target),
    ]),
    "",
  ];
}

export const streamSettings: Lines = [
  "proxy_connect_timeout 10s;",
  `proxy_timeout ${forever};`,
  "proxy_socket_keepalive on;",
  "proxy_half_close on;",
  "tcp_nodelay on;",
];
