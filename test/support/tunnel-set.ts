/** Tunnels by themselves, without an engine: closed at the test's end, and what they told looked through. */
import type { TunnelConfig } from "../../app/contract/config.ts";
import { TunnelSet, type TunnelOptions } from "../../app/tunnels/tunnel-set.ts";
import { cleanUp } from "./running-engine.ts";
import { lookThrough } from "./secret-search.ts";

export function openTunnelSet(options: TunnelOptions, tunnels: readonly TunnelConfig[]): TunnelSet {
  const told: unknown[] = [];
  const set = new TunnelSet(options, {
    note: (note) => void told.push(note),
    onChange: () => void told.push(tunnels.map(({ id }) => set.status(id))),
  });
  cleanUp(() => {
    set.close();
    lookThrough(["a set of tunnels", { "notes and states": JSON.stringify(told) }]);
  });
  set.update(tunnels);
  return set;
}
