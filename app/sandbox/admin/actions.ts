import type { InstanceView } from "./instance-view.ts";

/** Does what an administrator's GET asks for and says what was done; null for a path that names no action. */
export async function act(instance: InstanceView, path: readonly string[]): Promise<string | null> {
  const [group = "", id = "", verb = "", ...rest] = path;
  if (rest.length > 0) return null;
  switch (group) {
    case "clients":
      return verb === "disconnect" ? disconnectClient(instance, id) : null;
    case "transports":
      return switchTransport(instance, id, verb);
    case "replication":
      return changeLink(instance, id, verb);
    case "queues":
      return changeQueue(instance, id, verb);
    case "diagnostics":
      return path.length === 2 && (id === "dump" || id === "minidump")
        ? `no ${id} is written in a sandbox`
        : null;
    default:
      return null;
  }
}

/** True where the path is the dry run that tells a page whether it may act (amps-facts 4.5). */
export function isPermissionCheck(path: readonly string[]): boolean {
  return /^authorization\/entitlement\/transports?\/amps-admin\/check$/.test(path.join("/"));
}

function disconnectClient(instance: InstanceView, id: string): string | null {
  const session = instance.sessions().find((candidate) => String(candidate.id) === id);
  session?.end("connection closed");
  return session === undefined ? null : `client ${id} disconnected`;
}

async function switchTransport(instance: InstanceView, id: string, verb: string): Promise<string | null> {
  const transport = instance.transports().find((candidate) => candidate.id === id);
  if (transport === undefined || (verb !== "enable" && verb !== "disable")) return null;
  await (verb === "enable" ? transport.enable() : transport.disable());
  return `transport ${id} ${verb}d`;
}

function changeLink(instance: InstanceView, id: string, verb: string): string | null {
  const link = instance.links().find((candidate) => candidate.options.id === id);
  if (link === undefined) return null;
  if (verb === "downgrade") link.downgrade();
  else if (verb === "upgrade") link.upgrade();
  else if (verb === "reconnect") link.reconnect();
  else return null;
  return `replication ${id}: ${verb} done, type now ${link.type}`;
}

function changeQueue(instance: InstanceView, id: string, verb: string): string | null {
  if (verb !== "enable_proxied_transfer" && verb !== "disable_proxied_transfer") return null;
  const found = instance.broker.setProxiedTransfer(id, verb === "enable_proxied_transfer");
  return found ? `queue ${id}: ${verb} done` : null;
}
