import type { Handler } from "./session.ts";

/** Commands are worked off in order, so a flush is done when it is read; only `persisted` may have to wait. */
export const flush: Handler = (session, _identity, command) => {
  session.acknowledge(command, "received");
  session.acknowledge(command, "processed");
  session.acknowledge(command, "completed");
  if (!command.acks.has("persisted")) return;
  const { lastIndex } = session.host.broker.log;
  session.host.whenDurable(session, lastIndex, () => session.acknowledge(command, "persisted"));
};
