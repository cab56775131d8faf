/** From a configuration to what an engine has to do. Pure. */
import { boundHosts, isLoopback, parseHostPort } from "../../config/address.ts";
import { usedBackends } from "../../engine/route-targets.ts";
import { planListeners, type PlannedListener } from "../../listen/listener-plan.ts";
import { carriesBytes, type EngineName, type ExportPlan, type ListenerPlan } from "./export-plan.ts";
import { LocalPorts } from "./local-ports.ts";
import type { GroupContext } from "./plan-group.ts";
import { planListener, type FileContext } from "./plan-listener.ts";
import { ServerPlanner } from "./plan-servers.ts";
import { describe, namedVariables, type ExportSource } from "./source.ts";

export function planExport(source: ExportSource, engine: EngineName): ExportPlan {
  const { resolved } = source;
  const planned = [...planListeners(resolved.routes).values()];
  const agents = resolved.pools.flatMap(({ agent }) => parseHostPort(agent ?? "")?.port ?? []);
  const taken = planned.map(({ address }) => address.port);
  const ports = new LocalPorts([...taken, ...agents]);
  const servers = new ServerPlanner(source, engine, ports);
  const absent = resolved.routes
    .filter((route) => route.enabled === false)
    .map((route) => `${route.id}: disabled`);
  const sharedPorts = new Set(taken.filter((port, at) => taken.indexOf(port) !== at));
  const context: FileContext = { source, engine, servers, sharedPorts, absent };
  const listeners = planned
    .map((listener) => planListener(context, listener))
    .filter((listener) => listener !== null);
  tellEndings(context, listeners);
  tellValues(source, planned);
  const comments = [...describeTargets(source), ...needs(servers, listeners)];
  return {
    listeners,
    forwards: servers.forwards(),
    statsPort: ports.nextTo(engine === "envoy" ? 9901 : 8404),
    comments,
    absent,
  };
}

/** What holds for a whole file. */
function tellEndings(
  { source: { remarks }, engine }: GroupContext,
  listeners: readonly ListenerPlan[],
): void {
  if (engine !== "envoy" && listeners.some(carriesBytes))
    remarks.differ(
      "RESET",
      {},
      "A connection that the backend resets, or does not take, ends cleanly for the client.",
    );
  if (engine === "envoy" && listeners.some(({ kind }) => kind === "paths" || kind === "admin"))
    remarks.differ(
      "CROSS_SITE",
      {},
      "A link on a page of another site to a page of an instance is refused, where Shunt opens it if it only reads.",
    );
}

/** What was a name, or an address of this machine, and is in the files as something else. */
function tellValues({ document, remarks, request }: ExportSource, planned: readonly PlannedListener[]): void {
  const variables = namedVariables(document);
  if (variables.length > 0)
    remarks.differ(
      "PLACEHOLDERS",
      {},
      `The files hold the values that ${variables.map((name) => `\${${name}}`).join(", ")} had at the time of the export.`,
    );
  if (request.publicHost !== undefined && planned.some(({ address }) => isLoopback(address.host)))
    remarks.differ(
      "BIND_ALL",
      {},
      `Routes on loopback listen on every interface here, for clients that come to ${request.publicHost}; put a firewall in front.`,
    );
}

/** Labels, environments and notes of what the routes lead to, once each. */
function describeTargets(source: ExportSource): readonly string[] {
  const { resolved } = source;
  const used = usedBackends(resolved);
  const targets = new Set(resolved.routes.map(({ target }) => target));
  return [
    ...resolved.pools.filter(({ id }) => targets.has(id)).flatMap(({ id }) => describe(source, "pools", id)),
    ...used.flatMap(({ id }) => describe(source, "backends", id)),
  ];
}

function needs(servers: ServerPlanner, listeners: readonly ListenerPlan[]): readonly string[] {
  for (const { tls } of listeners)
    if (tls) [tls.certFile, tls.keyFile].forEach((file) => servers.files.add(file));
  return [
    ...(servers.files.size === 0
      ? []
      : [`Files that have to be there: ${[...servers.files].sort().join(", ")}`]),
    ...(listeners.some(({ bind }) => boundHosts(bind.host).length > 1)
      ? ["localhost is 127.0.0.1 and ::1: where the machine has no IPv6, take ::1 out"]
      : []),
  ];
}
