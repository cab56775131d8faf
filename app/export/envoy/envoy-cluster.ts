/** Groups of servers as Envoy clusters: balancing, health checks, limits, TLS. */
import type { GroupPlan, ServerPlan, ServerTls } from "../plan/export-plan.ts";
import { systemCertificates } from "../system-certificates.ts";

export type Node = Readonly<Record<string, unknown>>;

const types = "type.googleapis.com/envoy.extensions";

/** Envoy stops at 1,024 of each otherwise. */
const limits = { max_connections: 100_000, max_pending_requests: 100_000, max_requests: 100_000 };

export function socketAddress({ host, port }: { readonly host: string; readonly port: number }): Node {
  return { socket_address: { address: host, port_value: port } };
}

export function cluster(group: GroupPlan): Node {
  const many = group.servers.length > 1;
  const [first] = group.servers;
  const isUniform = group.servers.every(({ tls }) => JSON.stringify(tls) === JSON.stringify(first?.tls));
  return {
    name: group.name,
    type: "STRICT_DNS",
    connect_timeout: "10s",
    lb_policy: policy(group),
    circuit_breakers: { thresholds: [limits] },
    // By default it would send to servers that are down as soon as half of them are.
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    upstream_connection_options: { tcp_keepalive: {} },
    ...(many ? { health_checks: [healthCheck(group)] } : {}),
    ...(isUniform && first?.tls ? { transport_socket: upstreamTls(first.tls) } : {}),
    ...(isUniform ? {} : { transport_socket_matches: group.servers.map(socketMatch) }),
    load_assignment: {
      cluster_name: group.name,
      endpoints: localities(group).map((servers, priority) => ({
        ...(priority === 0 ? {} : { priority }),
        lb_endpoints: servers.map((server) => endpoint(group, server, isUniform)),
      })),
    },
  };
}

function policy(group: GroupPlan): string {
  return group.balance === "least-connections" || group.balance === "least-load"
    ? "LEAST_REQUEST"
    : "ROUND_ROBIN";
}

/** `primary` puts each server behind the one before it; the others are equals. */
function localities({ balance, servers }: GroupPlan): readonly (readonly ServerPlan[])[] {
  return balance === "primary" ? servers.map((server) => [server]) : [servers];
}

function endpoint(group: GroupPlan, server: ServerPlan, isUniform: boolean): Node {
  const { check } = server;
  return {
    endpoint: {
      address: socketAddress(server.dial),
      hostname: server.authority,
      ...(asksAdmin(group) && check
        ? {
            health_check_config: {
              port_value: check.dial.port,
              ...(check.dial.host === server.dial.host ? {} : { address: socketAddress(check.dial) }),
            },
          }
        : {}),
    },
    ...(server.isDrained ? { health_status: "DRAINING" } : {}),
    ...(server.weight === 1 ? {} : { load_balancing_weight: server.weight }),
    ...(isUniform
      ? {}
      : { metadata: { filter_metadata: { "envoy.transport_socket_match": { backend: server.backend } } } }),
  };
}

/** Checks use a server's own TLS settings: the admin endpoint is asked only where it has the same. */
function asksAdmin({ servers }: GroupPlan): boolean {
  return (
    servers.length > 1 &&
    servers.every(({ check, tls }) => check !== null && JSON.stringify(check.tls) === JSON.stringify(tls))
  );
}

function healthCheck(group: GroupPlan): Node {
  const common = {
    timeout: "5s",
    interval: "5s",
    // A minute otherwise, until the first client has come.
    no_traffic_interval: "5s",
    unhealthy_threshold: 2,
    healthy_threshold: 2,
    reuse_connection: false,
  };
  if (!asksAdmin(group)) return { ...common, tcp_health_check: {} };
  return {
    ...common,
    http_health_check: {
      path: "/amps",
      host: "localhost",
      expected_statuses: [
        { start: 200, end: 400 },
        { start: 401, end: 402 },
        { start: 403, end: 404 },
      ],
    },
  };
}

function socketMatch(server: ServerPlan): Node {
  return {
    name: server.backend,
    match: { backend: server.backend },
    transport_socket: server.tls
      ? upstreamTls(server.tls)
      : {
          name: "envoy.transport_sockets.raw_buffer",
          typed_config: { "@type": `${types}.transport_sockets.raw_buffer.v3.RawBuffer` },
        },
  };
}

function upstreamTls({ verify, name, isAddress, caFile, client }: ServerTls): Node {
  const validation = {
    trusted_ca: { filename: caFile ?? systemCertificates },
    match_typed_subject_alt_names: [{ san_type: isAddress ? "IP_ADDRESS" : "DNS", matcher: { exact: name } }],
  };
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": `${types}.transport_sockets.tls.v3.UpstreamTlsContext`,
      ...(isAddress ? {} : { sni: name }),
      common_tls_context: {
        ...(client ? { tls_certificates: [certificate(client)] } : {}),
        ...(verify ? { validation_context: validation } : {}),
      },
    },
  };
}

export function certificate({
  certFile,
  keyFile,
}: {
  readonly certFile: string;
  readonly keyFile: string;
}): Node {
  return { certificate_chain: { filename: certFile }, private_key: { filename: keyFile } };
}
