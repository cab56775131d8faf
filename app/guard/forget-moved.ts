/** What was observed at an address says nothing of another one. Pure. */
import type { BackendConfig } from "../contract/config.ts";
import type { GuardMemory } from "./guard-store.ts";

/** The memory without what it knows of backends whose address is another now. */
export function forgetMoved(memory: GuardMemory, backends: readonly BackendConfig[]): GuardMemory {
  const addresses = Object.fromEntries(backends.map((backend) => [backend.id, addressOf(backend)]));
  const before = memory.addresses;
  const stays = (id: string) =>
    before[id] === undefined || addresses[id] === undefined || before[id] === addresses[id];
  const kept = Object.entries(memory.sources)
    .filter(([id]) => stays(id))
    .map(([id, source]) => {
      const links = Object.fromEntries(Object.entries(source.links).filter(([to]) => stays(to)));
      return [id, { ...source, links }] as const;
    });
  return { ...memory, addresses: { ...before, ...addresses }, sources: Object.fromEntries(kept) };
}

function addressOf({ amps, websocket, admin, replication, via, instanceName }: BackendConfig): string {
  return JSON.stringify([amps, websocket, admin, replication, via, instanceName]);
}
