import type { Handler } from "./session.ts";

/** Publishes; `persisted` waits until every sync destination has the message (amps-facts 6.1). */
export const publish: Handler = (session, identity, command) => {
  const outcome = session.host.broker.publish({
    publisher: identity.clientName,
    sequence: command.sequence,
    messageType: identity.messageType,
    topic: command.topic,
    key: command.key,
    body: command.body,
    delta: command.name === "delta_publish",
  });
  if (!outcome.ok) return session.refuse(command, outcome.reason);
  const s = outcome.sequence;
  session.acknowledge(command, "received", { s });
  session.acknowledge(command, "processed", { s });
  if (!command.acks.has("persisted")) return;
  session.host.whenDurable(session, outcome.durableFrom, () =>
    session.acknowledge(command, "persisted", { s }),
  );
};
