import { formatAmpsTime } from "../data/amps-time.ts";
import type { ReplicationLink } from "../replication/replication-link.ts";
import type { Incoming } from "../replication/replication-target.ts";
import type { InstanceView } from "./instance-view.ts";
import type { StatisticsRow } from "./node.ts";
import type { Rates } from "./rates.ts";

/** Rows of links that this instance feeds, then of those that feed it. */
export function replicationRows(instance: InstanceView, rates: Rates): StatisticsRow[] {
  const outgoing = instance.links().map((link) => outgoingRow(instance, link, rates));
  return [...outgoing, ...instance.incoming().map((incoming) => incomingRow(instance, incoming))];
}

function outgoingRow(instance: InstanceView, link: ReplicationLink, rates: Rates): StatisticsRow {
  const { id, to } = link.options;
  return {
    id,
    name: to,
    client_name: link.clientName,
    client_type: "source",
    destination_name: to,
    destination_group_name: "sandbox",
    destination_admin_addr: instance.peerAdminAddress(to),
    replication_type: link.type,
    is_connected: link.connected ? "1" : "0",
    seconds_behind: String(link.secondsBehind),
    pass_through: "",
    authenticated_id: "",
    connect_time: timeOrNothing(link.connectedAtMs),
    disconnect_time: timeOrNothing(link.disconnectedAtMs),
    disconnect_count: String(link.disconnectCount),
    bytes_out: String(link.bytesOut),
    bytes_out_per_sec: rates.perSecond(`link/${id}/bytes`, link.bytesOut).toFixed(3),
    messages_out: String(link.messagesOut),
    messages_out_per_sec: rates.perSecond(`link/${id}/messages`, link.messagesOut).toFixed(3),
  };
}

/** The receiver does not know how the source counts it, so its row has no `replication_type` (amps-facts 6.2). */
function incomingRow(instance: InstanceView, incoming: Incoming): StatisticsRow {
  return {
    id: incoming.id,
    name: incoming.from,
    client_name: incoming.clientName,
    client_type: "destination",
    destination_name: instance.name,
    is_connected: "1",
    seconds_behind: "0",
    connect_time: formatAmpsTime(incoming.connectedAtMs),
    bytes_in: String(incoming.socket.bytesRead),
  };
}

function timeOrNothing(timeMs: number | null): string {
  return timeMs === null ? "" : formatAmpsTime(timeMs);
}
