import { parseFilter } from "../data/filter.ts";
import type { SowRecord } from "../data/sow-store.ts";
import type { Command } from "./command.ts";
import { beginSubscription, readSubscription } from "./subscribe.ts";
import type { Handler, Session } from "./session.ts";

/** `sow` and `sow_and_subscribe`: the matching records in batches, then, for the latter, what comes after them. */
export const query: Handler = (session, identity, command) => {
  const filter = parseFilter(command.filter);
  if (command.topic === "" || filter === null) {
    return session.refuse(command, filter === null ? "bad filter" : "bad topic");
  }
  // A bookmark would ask for the state of the past, which the sandbox does not keep.
  const subscription =
    command.name === "sow" ? null : readSubscription(session, identity, { ...command, bookmark: null });
  if (typeof subscription === "string") return session.refuse(command, subscription);
  const { sow } = session.host.broker;
  const matches = sow.query(identity.messageType, command.topic, filter);
  const records = matches.slice(0, command.topN);
  const counts = {
    records_returned: records.length,
    topic_matches: sow.count(identity.messageType, command.topic),
    matches: matches.length,
  };
  session.acknowledge(command, "received");
  session.acknowledge(command, "processed");
  sendRecords(session, command, records);
  // The loop runs nothing in between, so no message can fall between the records and the subscription.
  if (subscription !== null) beginSubscription(session, subscription);
  session.acknowledge(command, "completed", counts);
  session.acknowledge(command, "stats", counts);
};

function sendRecords(session: Session, command: Command, records: readonly SowRecord[]): void {
  const query_id = command.queryId ?? command.subscriptionId ?? command.commandId;
  session.send({ c: "group_begin", query_id });
  for (let at = 0; at < records.length; at += command.batchSize) {
    const batch = records.slice(at, at + command.batchSize);
    session.sendBatch({ c: "sow", query_id, t: command.topic, bs: batch.length }, batch);
  }
  session.send({ c: "group_end", query_id });
}
