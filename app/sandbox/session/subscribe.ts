import { limits } from "../limits.ts";
import { parseFilter } from "../data/filter.ts";
import { isQueueTopic } from "../data/log-entry.ts";
import { topicMatcher, type Subscription } from "../data/subscription.ts";
import { optionValue, type Command } from "./command.ts";
import type { Handler, Identity, Session } from "./session.ts";

/** As AMPS: one message at a time unless the consumer asks for more, and never more than the server allows. */
const defaultBacklog = 1;
const maxBacklog = 1_000;

export const subscribe: Handler = (session, identity, command) => {
  const subscription = readSubscription(session, identity, command);
  if (typeof subscription === "string") return session.refuse(command, subscription);
  session.acknowledge(command, "received");
  session.acknowledge(command, "processed", {
    sub_id: subscription.id,
    opts: subscription.maxBacklog === null ? undefined : `max_backlog=${subscription.maxBacklog}`,
  });
  beginSubscription(session, subscription);
  session.acknowledge(command, "completed", { sub_id: subscription.id });
};

export const unsubscribe: Handler = (session, _identity, command) => {
  const id = command.subscriptionId ?? "all";
  session.host.broker.unsubscribe(session, id === "all" ? null : id);
  if (id === "all") session.subscriptions.clear();
  else session.subscriptions.delete(id);
  session.acknowledge(command, "received");
  session.acknowledge(command, "processed");
  session.acknowledge(command, "completed");
};

/** The subscription that a command asks for, or why there can be none. */
export function readSubscription(
  session: Session,
  identity: Identity,
  command: Command,
): Subscription | string {
  const { topic, options } = command;
  const id = command.subscriptionId ?? command.commandId ?? "";
  const filter = parseFilter(command.filter);
  if (topic === "") return "bad topic";
  if (filter === null) return "bad filter";
  if (!session.subscriptions.has(id) && session.subscriptions.size >= limits.subscriptionsPerClient) {
    return "too many subscriptions";
  }
  const isQueue = isQueueTopic(topic);
  if (isQueue && session.host.broker.queue(identity.messageType, topic) === null) return "too many queues";
  const wanted = Number(optionValue(options, "max_backlog") ?? defaultBacklog);
  const backlog = Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, maxBacklog) : defaultBacklog;
  return {
    id,
    receiver: session,
    messageType: identity.messageType,
    topic,
    matchesTopic: topicMatcher(topic),
    filterText: command.filter,
    filter,
    options,
    bookmark: isQueue ? null : command.bookmark,
    maxBacklog: isQueue ? backlog : null,
  };
}

/** Begins it; one of the same id is replaced. */
export function beginSubscription(session: Session, subscription: Subscription): void {
  session.host.broker.unsubscribe(session, subscription.id);
  session.subscriptions.set(subscription.id, subscription);
  session.host.broker.subscribe(subscription);
}
