/** The LocalForward lines of ~/.ssh/config, as routes that could be. Pure. */
import type { EndpointKind } from "../../../app/contract/config.ts";
import type { ImportPreview } from "../../../app/contract/import.ts";

export interface SshForward {
  /** Of the import's item. */
  readonly key: string;
  readonly route: string;
  readonly listen: string;
  readonly transport: EndpointKind;
  /** `amps-1:9007`, as the bastion sees it. */
  readonly to: string;
  /** The host that is gone through, as the file names it. */
  readonly through: string;
  readonly note: string | null;
  /** There is such a route already. */
  readonly isKnown: boolean;
}

export function sshForwards({ items }: ImportPreview): readonly SshForward[] {
  const backends = items.flatMap((item) => (item.kind === "backend" ? [item.row] : []));
  const tunnels = items.flatMap((item) => (item.kind === "tunnel" ? [item.row] : []));
  return items.flatMap((item): readonly SshForward[] => {
    if (item.kind !== "route" || item.row.transport === undefined) return [];
    const { key, row, note, status } = item;
    const { transport } = item.row;
    const backend = backends.find(({ id }) => id === row.target);
    const tunnel = tunnels.find(({ id }) => id === backend?.via);
    const to = backend?.[transport]?.replace(/^\w+:\/\//, "") ?? row.target;
    const through = tunnel?.address ?? backend?.via ?? "";
    const said = { route: row.id, listen: row.listen, transport, to, through };
    return [{ key, ...said, note, isKnown: status === "known" }];
  });
}
