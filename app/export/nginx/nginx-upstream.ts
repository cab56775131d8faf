/** Upstream groups, and TLS towards their servers; the same words in `http` and `stream`. */
import type { GroupPlan, ServerPlan, ServerTls } from "../plan/export-plan.ts";
import { systemCertificates } from "../system-certificates.ts";
import { address, block, comments, directive, word, type Lines } from "./nginx-syntax.ts";

/** How long a server is left alone once a connection to it failed. */
const failTimeout = "10s";

export function upstream(group: GroupPlan): Lines {
  const many = group.servers.length > 1;
  const policy =
    many && (group.balance === "least-connections" || group.balance === "least-load") ? ["least_conn;"] : [];
  return [
    ...comments(group.comments),
    ...block(`upstream ${group.name}`, [
      // Shared by all workers: each would count for itself otherwise.
      ...(many ? [`zone ${group.name} 64k;`] : []),
      ...policy,
      ...group.servers.flatMap((server) => [...comments(server.comments), serverLine(group, server)]),
    ]),
  ];
}

function serverLine(group: GroupPlan, server: ServerPlan): string {
  const many = group.servers.length > 1;
  const words = [
    address(server.dial),
    ...(server.weight === 1 ? [] : [`weight=${server.weight}`]),
    ...(many ? ["max_fails=1", `fail_timeout=${failTimeout}`] : []),
    ...(server.isBackup ? ["backup"] : []),
    ...(server.isDrained ? ["down"] : []),
  ];
  return directive("server", ...words);
}

/** `nameVariable` stands for the name where a route's endpoints have different ones. */
export function proxyTls(tls: ServerTls, nameVariable?: string): Lines {
  return [
    directive("proxy_ssl_server_name", "on"),
    directive("proxy_ssl_name", nameVariable ?? word(tls.name)),
    directive("proxy_ssl_protocols", "TLSv1.2", "TLSv1.3"),
    ...(tls.verify
      ? [
          directive("proxy_ssl_verify", "on"),
          directive("proxy_ssl_verify_depth", "5"),
          directive("proxy_ssl_trusted_certificate", word(tls.caFile ?? systemCertificates)),
        ]
      : [
          ...comments(["verify is false in the configuration: whoever answers is believed"]),
          directive("proxy_ssl_verify", "off"),
        ]),
    ...(tls.client
      ? [
          directive("proxy_ssl_certificate", word(tls.client.certFile)),
          directive("proxy_ssl_certificate_key", word(tls.client.keyFile)),
        ]
      : []),
  ];
}
