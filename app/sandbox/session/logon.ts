import { hashName } from "../data/name-hash.ts";
import { limits } from "../limits.ts";
import type { HeaderFields } from "../wire/amps-message.ts";
import type { Command } from "./command.ts";
import type { Session } from "./session.ts";

/** Answers a logon (amps-facts 2.3); the session is a client's only once this accepted it. */
export function logOn(session: Session, command: Command): void {
  const { host, wire } = session;
  const field = (name: string) => {
    const value = command.header[name];
    return typeof value === "string" ? value : "";
  };
  const user = field("user_id");
  const verdict = host.authenticate({ user, password: field("pw") });
  if (verdict.status === "retry") {
    return answer(session, command, { status: "retry", user_id: verdict.user, pw: verdict.password });
  }
  if (verdict.status === "failure") return refuse(session, command, verdict.reason);
  if (field("client_name").length > limits.clientNameLength)
    return refuse(session, command, "client name too long");
  session.identity = {
    clientName: field("client_name") || `unnamed-${session.id}`,
    user,
    version: field("version"),
    messageType: wire.messageType ?? (field("mt") || "json"),
    correlationId: field("x"),
  };
  if (!host.admit(session)) {
    session.identity = null;
    return refuse(session, command, "name in use");
  }
  const { clientName } = session.identity;
  const sequence = host.broker.lastSequence(clientName);
  answer(session, command, {
    s: sequence,
    bm: `${hashName(clientName)}|${sequence}|`,
    client_name: clientName,
    status: "success",
    reason: verdict.reason,
  });
}

function refuse(session: Session, command: Command, reason: string): void {
  answer(session, command, { status: "failure", reason });
  session.end(reason);
}

function answer(session: Session, command: Command, fields: HeaderFields): void {
  if (!command.acks.has("processed")) return;
  const { s, bm, client_name, ...rest } = fields;
  const version = session.host.version;
  session.send({ c: "ack", cid: command.commandId, s, bm, client_name, a: "processed", ...rest, version });
}
