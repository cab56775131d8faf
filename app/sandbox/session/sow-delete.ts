import { parseFilter } from "../data/filter.ts";
import { readFields } from "../data/message-fields.ts";
import { sowKeyOf } from "../data/sow-store.ts";
import { hasOption, type Command } from "./command.ts";
import type { Handler, Identity, Session } from "./session.ts";

/** With a bookmark it acknowledges queue messages, otherwise it deletes SOW records by keys, body or filter. */
export const sowDelete: Handler = (session, identity, command) => {
  if (command.topic === "") return session.refuse(command, "bad topic");
  if (command.bookmark !== null) return acknowledgeQueue(session, identity, command, command.bookmark);
  const { broker } = session.host;
  const { messageType, clientName } = identity;
  const keys = keysToDelete(session, identity, command);
  if (keys === null) return session.refuse(command, "bad filter");
  const outcome = broker.deleteRecords({
    publisher: clientName,
    sequence: command.sequence,
    messageType,
    topic: command.topic,
    keys,
  });
  if (!outcome.ok) return session.refuse(command, outcome.reason);
  const counts = { s: outcome.sequence, records_deleted: outcome.duplicate ? 0 : keys.length };
  confirm(session, command, counts);
  if (!command.acks.has("persisted")) return;
  session.host.whenDurable(session, outcome.durableFrom, () =>
    session.acknowledge(command, "persisted", counts),
  );
};

function acknowledgeQueue(session: Session, identity: Identity, command: Command, bookmark: string): void {
  const { broker } = session.host;
  const { topic } = command;
  const { messageType, clientName: publisher } = identity;
  const bookmarks = bookmark.split(",").map((part) => part.trim());
  let taken = 0;
  if (hasOption(command.options, "cancel")) {
    const queue = broker.queue(messageType, topic);
    taken = bookmarks.filter((each) => queue?.giveBack(each) === true).length;
  } else taken = broker.acknowledge({ publisher, messageType, topic, bookmarks });
  confirm(session, command, { records_deleted: taken });
  session.acknowledge(command, "persisted");
}

function confirm(session: Session, command: Command, counts: { s?: bigint; records_deleted: number }): void {
  for (const kind of ["received", "processed", "completed", "stats"])
    session.acknowledge(command, kind, counts);
}

/** Keys of records that are there; null for a filter that is not one of ours. */
function keysToDelete(session: Session, identity: Identity, command: Command): string[] | null {
  const { sow } = session.host.broker;
  const { messageType } = identity;
  const isThere = (key: string) => sow.get(messageType, command.topic, key) !== undefined;
  if (command.sowKeys.length > 0) return command.sowKeys.filter(isThere);
  if (command.body.length > 0) {
    const key = sowKeyOf(command.topic, readFields(messageType, command.body));
    return key !== null && isThere(key) ? [key] : [];
  }
  const filter = parseFilter(command.filter);
  if (filter === null) return null;
  return command.filter === ""
    ? []
    : sow.query(messageType, command.topic, filter).map((record) => record.key);
}
