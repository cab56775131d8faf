/** Forwards upgrade requests: WebSocket to the websocket endpoint, any other token to the amps endpoint; then raw bytes. */
import type { Socket } from "node:net";
import type { EndpointKind } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { LogonFacts } from "../amps/header.ts";
import type { RoleWatch } from "../amps/role-watch.ts";
import { observeTcpLogon } from "../amps/tcp-observer.ts";
import { messageTypeOfPath, observeWebSocketLogon } from "../amps/ws-observer.ts";
import { carry } from "../forward/carry.ts";
import type { Connection } from "../forward/connection.ts";
import { Departure } from "../forward/departure.ts";
import { addressOf, refuseClient, type Reached } from "../forward/forwarding.ts";
import { resetSocket } from "../forward/reset.ts";
import type { AnswerHead } from "./answer-head.ts";
import { rawFailure, sayLast } from "./answers.ts";
import type { MatchedRequest } from "./matched-request.ts";
import { switchingProtocols } from "./request-head.ts";
import { askUpgrade } from "./upgrade-ask.ts";
import { upgradeKind, upgradeProblem, upgradeRequest } from "./upgrade-head.ts";
import { relayRefusal } from "./upgrade-refusal.ts";

/** Looks for the logon behind the two heads. */
export function webSocketObserver({ target }: MatchedRequest, answer: AnswerHead) {
  const facts = {
    messageType: messageTypeOfPath(target),
    isDeflate: () => /permessage-deflate/i.test(answer.headers["sec-websocket-extensions"] ?? ""),
  };
  return (onLogon: (facts: LogonFacts) => void, role: RoleWatch | null) =>
    observeWebSocketLogon(facts, onLogon, role);
}

export async function forwardUpgrade(matched: MatchedRequest, client: Socket, head: Buffer): Promise<void> {
  const { entry, forwarding } = matched;
  const { route } = entry;
  const kind = upgradeKind(matched);
  const gone = new Departure();
  const connection = forwarding.registry.begin({
    route: route.id,
    kind: kind === "amps" ? "preflight" : kind,
    client: addressOf(client),
    cut: () => {
      gone.tell();
      resetSocket(client);
    },
  });
  client.on("close", gone.tell);
  const refused = (reason: Failure): void => {
    refuseClient(forwarding, route.id, reason, connection);
    sayLast(client, rawFailure(reason));
  };
  const problem = upgradeProblem(matched);
  if (problem) return refused(problem);
  const reply = await forwarding.reach(route, kind, gone);
  if (gone.aborted) {
    if (reply.ok) resetSocket(reply.value.socket);
    return forwarding.registry.end(connection);
  }
  if (!reply.ok) return refused(reply.failure);
  forwarding.registry.establish(connection, reply.value.backend.id, reply.value.why);
  const joining: Joining = { matched, client, head, connection, reached: reply.value, kind, gone, refused };
  if (kind === "amps" && route.preflight !== "pass") answerHere(joining);
  else await askBackend(joining);
}

interface Joining {
  readonly matched: MatchedRequest;
  readonly client: Socket;
  /** What the client sent behind its request. */
  readonly head: Buffer;
  readonly connection: Connection;
  readonly reached: Reached;
  readonly kind: EndpointKind;
  readonly gone: Departure;
  readonly refused: (reason: Failure) => void;
}

/** Preflight, answered here: any AMPS version will do, since it sees an ordinary TCP client. */
function answerHere({ matched, client, head, connection, reached, gone }: Joining): void {
  client.off("close", gone.tell);
  client.write(switchingProtocols(matched.request.headers.upgrade ?? "tcp"));
  carry({
    route: matched.entry.route,
    forwarding: matched.forwarding,
    connection,
    client,
    reached,
    observer: observeTcpLogon,
    early: head,
  });
}

async function askBackend(joining: Joining): Promise<void> {
  const { matched, client, head, connection, reached, kind, gone, refused } = joining;
  const request = upgradeRequest({
    matched,
    kind,
    backend: reached.backend,
    client: client.remoteAddress ?? "",
  });
  connection.bytes.add("toBackend", request.length);
  const asked = await askUpgrade({
    socket: reached.socket,
    request,
    kind,
    backend: reached.backend.id,
    gone,
  });
  client.off("close", gone.tell);
  if (!asked.ok) {
    resetSocket(reached.socket);
    if (gone.aborted) matched.forwarding.registry.end(connection);
    else refused(asked.failure);
    return;
  }
  const { head: answer, bytes } = asked.value;
  connection.bytes.add("toClient", bytes.length);
  if (answer.status !== 101)
    return relayRefusal({ forwarding: matched.forwarding, client, connection, reached, head: answer });
  client.write(bytes);
  carry({
    route: matched.entry.route,
    forwarding: matched.forwarding,
    connection,
    client,
    reached,
    early: head,
    observer: kind === "websocket" ? webSocketObserver(matched, answer) : observeTcpLogon,
  });
}
