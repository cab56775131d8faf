/** A whole static envoy.yaml. */
import { Document, isNode } from "yaml";
import { boundHosts } from "../../config/address.ts";
import { hashComments } from "../comments.ts";
import type { ExportPlan, ListenerPlan, RoutePlan } from "../plan/export-plan.ts";
import { certificate, cluster, socketAddress, type Node } from "./envoy-cluster.ts";
import { virtualHosts } from "./envoy-routes.ts";

const types = "type.googleapis.com/envoy.extensions";

/** Puts the prefix back into redirects and cookie paths, where the route's metadata names one. */
const rewriteResponses = `function envoy_on_response(handle)
  local facts = handle:metadata()
  local prefix = facts:get("prefix")
  if prefix == nil then return end
  local headers = handle:headers()
  local location = headers:get("location")
  if location ~= nil then
    local authority, rest = location:match("^[Hh][Tt][Tt][Pp][Ss]?://([^/?#]+)(.*)$")
    if authority == nil then authority, rest = location:match("^//([^/?#]+)(.*)$") end
    if authority ~= nil then
      for _, own in pairs(facts:get("authorities")) do
        if authority:lower() == own:lower() then
          if rest:sub(1, 1) ~= "/" then rest = "/" .. rest end
          headers:replace("location", prefix .. rest)
          break
        end
      end
    elseif location:sub(1, 1) == "/" then
      headers:replace("location", prefix .. location)
    end
  end
  local cookies = {}
  for name, value in pairs(headers) do
    if name == "set-cookie" then
      cookies[#cookies + 1] = value:gsub("(;%s*[Pp][Aa][Tt][Hh]%s*=%s*)/", function(before) return before .. prefix .. "/" end)
    end
  end
  if #cookies > 0 then
    headers:remove("set-cookie")
    for _, value in ipairs(cookies) do headers:add("set-cookie", value) end
  end
end
`;

function filter(name: string, type: string, config: Node = {}): Node {
  return { name, typed_config: { "@type": `${types}.${type}`, ...config } };
}

function connectionManager(listener: ListenerPlan, publicHost: string | undefined): Node {
  const rewrites = listener.routes.some(({ prefix, groups }) => prefix !== "/" && groups.admin);
  return filter(
    "envoy.filters.network.http_connection_manager",
    "filters.network.http_connection_manager.v3.HttpConnectionManager",
    {
      stat_prefix: listener.name,
      codec_type: "HTTP1",
      // Silence is no error; a head that does not end is one.
      stream_idle_timeout: "0s",
      request_headers_timeout: "10s",
      common_http_protocol_options: { idle_timeout: "0s" },
      // Passed on byte for byte; what can be read in two ways is refused by the first routes.
      normalize_path: false,
      merge_slashes: false,
      path_with_escaped_slashes_action: "REJECT_REQUEST",
      use_remote_address: true,
      skip_xff_append: true,
      server_header_transformation: "PASS_THROUGH",
      generate_request_id: false,
      upgrade_configs: ["websocket", "tcp", "tcps"].map((token) => ({ upgrade_type: token })),
      route_config: { name: listener.name, virtual_hosts: virtualHosts(listener, publicHost) },
      http_filters: [
        ...(rewrites
          ? [
              filter("envoy.filters.http.lua", "filters.http.lua.v3.Lua", {
                default_source_code: { inline_string: rewriteResponses },
              }),
            ]
          : []),
        filter("envoy.filters.http.router", "filters.http.router.v3.Router", {
          suppress_envoy_headers: true,
        }),
      ],
    },
  );
}

function tcpProxy(listener: ListenerPlan, route: RoutePlan | undefined): Node {
  const [group] = Object.values(route?.groups ?? {});
  return filter("envoy.filters.network.tcp_proxy", "filters.network.tcp_proxy.v3.TcpProxy", {
    stat_prefix: listener.name,
    cluster: group?.name ?? "",
    // An hour otherwise.
    idle_timeout: "0s",
  });
}

/** One for each route that TLS goes through to, by the server name in its ClientHello. */
function namedChains(listener: ListenerPlan): readonly Node[] {
  return listener.routes.map((route) => ({
    filter_chain_match: {
      transport_protocol: "tls",
      ...(route.route.serverNames && { server_names: route.route.serverNames }),
    },
    filters: [tcpProxy(listener, route)],
  }));
}

const tlsInspector = filter(
  "envoy.filters.listener.tls_inspector",
  "filters.listener.tls_inspector.v3.TlsInspector",
);

function listenerNode(listener: ListenerPlan, publicHost: string | undefined): Node {
  const { name, bind, kind, tls } = listener;
  const [bound, ...further] = boundHosts(bind.host).map((host) => ({
    socket_address: {
      address: host,
      port_value: bind.port,
      ...(host === "::" ? { ipv4_compat: true } : {}),
    },
  }));
  const secure = tls && {
    transport_socket: filter("envoy.transport_sockets.tls", "transport_sockets.tls.v3.DownstreamTlsContext", {
      common_tls_context: {
        tls_params: { tls_minimum_protocol_version: "TLSv1_2" },
        tls_certificates: [certificate(tls)],
      },
    }),
  };
  return {
    name: `${kind}-${name}`,
    address: bound,
    ...(further.length > 0 && { additional_addresses: further.map((address) => ({ address })) }),
    ...(kind === "names" && { listener_filters: [tlsInspector] }),
    filter_chains:
      kind === "names"
        ? namedChains(listener)
        : [
            {
              ...secure,
              filters: [
                kind === "tcp"
                  ? tcpProxy(listener, listener.routes[0])
                  : connectionManager(listener, publicHost),
              ],
            },
          ],
  };
}

export function envoyFile(plan: ExportPlan, headline: readonly string[], publicHost?: string): string {
  const groups = plan.listeners.flatMap(({ routes }) =>
    routes.flatMap((route) => Object.values(route.groups)),
  );
  const document = new Document(
    {
      admin: { address: socketAddress({ host: "127.0.0.1", port: plan.statsPort }) },
      static_resources: {
        listeners: plan.listeners.map((listener) => listenerNode(listener, publicHost)),
        clusters: groups.map(cluster),
      },
    },
    { aliasDuplicateObjects: false },
  );
  plan.listeners.forEach(({ routes }, at) =>
    comment(
      document,
      ["static_resources", "listeners", at],
      routes.flatMap((route) => route.comments),
    ),
  );
  groups.forEach((group, at) =>
    comment(
      document,
      ["static_resources", "clusters", at],
      [...group.comments, ...group.servers.flatMap((server) => server.comments)],
    ),
  );
  const text = document.toString({ lineWidth: 0 });
  return `${hashComments(headline).join("\n")}\n\n${text}`;
}

function comment(document: Document, path: readonly (string | number)[], texts: readonly string[]): void {
  const node = document.getIn(path, true);
  if (isNode(node) && texts.length > 0)
    node.commentBefore = hashComments(texts)
      .map((line) => line.slice(1))
      .join("\n");
}
