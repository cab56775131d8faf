/** The servers behind a route: balancing, TLS, health checks on the admin port, and Shunt's word through its agent. */
import { formatHostPort } from "../../config/address.ts";
import type { GroupPlan, ListenerPlan, RoutePlan, ServerPlan, ServerTls } from "../plan/export-plan.ts";
import { escapeRegex, sameAuthority } from "../plan/own-names.ts";
import { comments, formatted, replacement, section, word, type Lines } from "./haproxy-syntax.ts";

const systemCertificates = "@system-ca";

/** HAProxy wants certificate and key in one file. */
export function combined(certFile: string): string {
  return `${certFile}.haproxy.pem`;
}

/** The lines of a group, in a `listen` or `backend` section. */
export function groupLines(group: GroupPlan): Lines {
  const many = group.servers.length > 1;
  return [
    ...comments(group.comments),
    ...(many ? balancing(group) : []),
    ...(many && !group.followsAgent ? ["option redispatch 1", "retries 2", ...checking(group)] : []),
    ...group.servers.flatMap((server) => [...comments(server.comments), serverLine(group, server)]),
  ];
}

function balancing(group: GroupPlan): Lines {
  const least = group.balance === "least-connections" || group.balance === "least-load";
  return [least ? "balance leastconn" : "balance roundrobin"];
}

/** A port that accepts is no AMPS that answers: the admin endpoint is asked where every server has one. */
function asksAdmin({ servers }: GroupPlan): boolean {
  return servers.every(
    ({ check, tls }) => check !== null && (!check.tls || !tls || check.tls.name === tls.name),
  );
}

function checking(group: GroupPlan): Lines {
  if (!asksAdmin(group)) return ["default-server inter 5s fall 2 rise 2"];
  return [
    "option httpchk",
    "http-check send meth GET uri /amps ver HTTP/1.1 hdr Host localhost",
    "http-check expect rstatus ^([23][0-9][0-9]|401|403)$",
    "default-server inter 5s fall 2 rise 2",
  ];
}

function serverLine(group: GroupPlan, server: ServerPlan): string {
  const checked = group.servers.length > 1 && !group.followsAgent;
  const words = [
    `server ${server.backend} ${formatHostPort(server.dial)}`,
    ...(server.weight === 1 ? [] : [`weight ${server.weight}`]),
    ...(server.isBackup ? ["backup"] : []),
    // Shunt's agent takes a server out of this state by saying `ready`, and nothing else does.
    ...(server.isDrained || group.followsAgent ? ["disabled"] : []),
    ...(server.tls ? ["ssl", ...tlsWords(server.tls)] : []),
    ...(checked ? ["check", ...(asksAdmin(group) ? checkWords(server) : [])] : []),
    ...agentWords(server),
  ];
  return words.join(" ");
}

function tlsWords({ verify, name, isAddress, caFile, client }: ServerTls): Lines {
  return [
    ...(verify
      ? [`verify required ca-file ${word(caFile ?? systemCertificates)} verifyhost ${word(name)}`]
      : ["verify none"]),
    ...(isAddress ? [] : [`sni str(${name})`]),
    ...(client ? [`crt ${word(combined(client.certFile))}`] : []),
  ];
}

function checkWords({ check, tls }: ServerPlan): Lines {
  if (!check) return [];
  return [
    `addr ${check.dial.host} port ${check.dial.port}`,
    ...(check.tls
      ? ["check-ssl", ...(check.tls.isAddress ? [] : [`check-sni ${word(check.tls.name)}`])]
      : []),
    ...(check.tls && !tls ? tlsWords(check.tls).filter((one) => !one.startsWith("sni ")) : []),
  ];
}

function agentWords({ agent }: ServerPlan): Lines {
  if (!agent) return [];
  const { address, question } = agent;
  return [
    `agent-check agent-addr ${address.host} agent-port ${address.port} agent-inter 2s agent-send "${question}\\n"`,
  ];
}

/** The backend of one kind of traffic of a path route. */
export function pathBackend(route: RoutePlan, group: GroupPlan): Lines {
  const [server] = group.servers;
  const rewrites = group.kind === "admin" && route.prefix !== "/" && route.route.keepPrefix !== true;
  return section(`backend ${group.name}`, [
    "mode http",
    `http-request set-header Host ${formatted(server?.authority ?? "")}`,
    `http-request set-header X-Forwarded-Prefix ${formatted(route.prefix)}`,
    ...(rewrites ? responseRewrites(route, group) : []),
    ...groupLines(group),
  ]);
}

/** The backend of a port route that is judged as HTTP: Host and path as they came. */
export function portBackend(_listener: ListenerPlan, group: GroupPlan): Lines {
  return section(`backend ${group.name}`, ["mode http", ...groupLines(group)]);
}

/** Redirects and cookie paths get the prefix back. */
function responseRewrites({ prefix }: RoutePlan, group: GroupPlan): Lines {
  const authorities = [...new Set(group.servers.map(({ authority }) => authority))];
  const location = "http-response replace-header Location";
  return [
    // First to a form that the last rule does not match again.
    ...authorities.map(
      (authority) =>
        `${location} ${word(`^(?:[Hh][Tt][Tt][Pp][Ss]?:)?//${sameAuthority(authority)}/?(.*)$`)} ${replacement("/", "\\1")}`,
    ),
    `${location} ${word("^/(?!/)(.*)$")} ${replacement(`${prefix}/`, "\\1")}`,
    `http-response replace-header Set-Cookie ${word("^(.*;\\s*[Pp][Aa][Tt][Hh]\\s*=\\s*)(/[^;]*)(.*)$")} ${word(`\\1${prefix.replaceAll("%", "%%")}\\2\\3`)}`,
  ];
}

export function routeRegex(prefix: string): string {
  return `^${prefix === "/" ? "" : escapeRegex(prefix)}(/.*)$`;
}
