import { formatAmpsTime } from "../data/amps-time.ts";
import { hashName } from "../data/name-hash.ts";
import type { Session } from "../session/session.ts";
import type { InstanceView } from "./instance-view.ts";
import type { StatisticsRow } from "./node.ts";
import type { Rates } from "./rates.ts";

export function clientRows(instance: InstanceView, rates: Rates): StatisticsRow[] {
  return instance.sessions().map((session) => clientRow(instance, session, rates));
}

function clientRow(instance: InstanceView, session: Session, rates: Rates): StatisticsRow {
  const { wire, identity } = session;
  const id = String(session.id);
  const rate = (name: string, value: number) => rates.perSecond(`client/${id}/${name}`, value).toFixed(3);
  const clientName = identity?.clientName ?? "";
  return {
    id,
    client_name: clientName,
    client_name_hash: hashName(clientName),
    client_version: identity?.version ?? "",
    connection_name: `${instance.name}-amps-${wire.transport === "amps" ? "tcp" : "websocket"}-${id}`,
    authenticated_id: identity?.user ?? "",
    correlation_id: identity?.correlationId ?? "",
    connect_time: formatAmpsTime(session.connectedAtMs),
    remote_address: wire.remoteAddress,
    subscription_count: String(session.subscriptions.size),
    bytes_in: String(wire.bytesIn),
    bytes_in_per_sec: rate("bytes_in", wire.bytesIn),
    bytes_out: String(wire.bytesOut),
    bytes_out_per_sec: rate("bytes_out", wire.bytesOut),
    messages_in: String(session.messagesIn),
    messages_in_per_sec: rate("messages_in", session.messagesIn),
    messages_out: String(session.messagesOut),
    messages_out_per_sec: rate("messages_out", session.messagesOut),
    denied_reads: "0",
    denied_writes: "0",
    query_time: "0",
    queue_depth_out: wire.queuedBytes > 0 ? "1" : "0",
    queued_bytes_out: String(wire.queuedBytes),
    queue_max_latency: String(instance.delayMs() / 1000),
    tcp_zero_window_advert: "0",
    transport_rx_queue: "0",
    transport_tx_queue: String(wire.queuedBytes),
  };
}

export function subscriptionRows(instance: InstanceView): StatisticsRow[] {
  return instance.sessions().flatMap((session) =>
    [...session.subscriptions.values()].map((subscription) => ({
      id: `${session.id}-${subscription.id}`,
      client_id: String(session.id),
      sub_id: subscription.id,
      topic: subscription.topic,
      filter: subscription.filterText,
      options: subscription.options,
      bookmark: subscription.bookmark ?? "",
      backlog: String(subscription.maxBacklog ?? 0),
      seconds_behind: "0",
    })),
  );
}
