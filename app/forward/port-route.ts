/**
 * The life of a connection on a port route.
 *
 *     accept → begin → choose and dial ┬ amps: the first bytes decide (frames, preflight, or a browser: refused)
 *              (sticky: the logon first) ├ websocket: the head is read, judged, and passed on as it came
 *                                      └ replication, or TLS passed through: blind (by server name: name-switch.ts)
 *            → splice → end
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Reply } from "../contract/commands.ts";
import type { RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { observeTcpLogon } from "../amps/tcp-observer.ts";
import { afterBackendHead, messageTypeOfPath, observeWebSocketLogon } from "../amps/ws-observer.ts";
import { failure } from "../failures.ts";
import { rawFailure } from "../http/answers.ts";
import { originProblem, type ListenerNames } from "../http/origin-guard.ts";
import {
  headerValue,
  isWebSocketUpgrade,
  parseRequestHead,
  readHead,
  switchingProtocols,
  type HeadBytes,
  type RequestHead,
} from "../http/request-head.ts";
import { carry, type CarryOptions } from "./carry.ts";
import type { Connection } from "./connection.ts";
import { Departure } from "./departure.ts";
import { classifyFirstBytes } from "./first-bytes.ts";
import { addressOf, refuseClient, type Forwarding, type Reached } from "./forwarding.ts";
import { readIntroduction } from "./introduction.ts";
import { readPreflight } from "./preflight.ts";
import { resetSocket } from "./reset.ts";

export interface PortRouteOptions {
  readonly route: RouteConfig;
  readonly names: ListenerNames;
  readonly forwarding: Forwarding;
}

interface Life extends PortRouteOptions {
  readonly client: Socket;
  readonly connection: Connection;
  readonly gone: Departure;
}

/**
 * Carries one accepted client. Never throws; every ending is counted and told. `hello`: what was read of its TLS already,
 * where that is passed through.
 */
export function carryPortClient(client: Socket, options: PortRouteOptions, hello?: Buffer): Promise<void> {
  const { route, forwarding } = options;
  const gone = new Departure();
  const connection = forwarding.registry.begin({
    route: route.id,
    kind: route.transport ?? "amps",
    client: addressOf(client),
    cut: cutBefore(client, gone),
  });
  client.on("close", gone.tell);
  const life: Life = { route, forwarding, names: options.names, client, connection, gone };
  if (route.tlsPassthrough) return carryBlind(life, hello);
  if (route.sticky !== undefined && route.transport === "amps") return carryNamed(life);
  if (route.transport === "websocket") return carryWebSocket(life);
  return route.transport === "amps" ? carryAmps(life) : carryBlind(life);
}

/** Cuts a client before it is joined to a backend. */
export function cutBefore(client: Socket, gone: Departure): () => void {
  return () => {
    gone.tell();
    resetSocket(client);
  };
}

/** Goes on with a client that a native door has let in and gives back: established. `first`: its first bytes, where read. */
export async function carryFromDoor(life: Life, reached: Reached, first?: Buffer): Promise<void> {
  if (life.route.transport !== "amps") return join(life, reached);
  return judgeAmps(life, reached, first ?? (await firstBytes(life.client, reached.socket)));
}

interface HowToReach {
  /** Default: as the route's clients do. */
  readonly reach?: () => Promise<Reply<Reached>>;
  /** Says no to the client in its own words; default: a reset. */
  readonly answer?: (reason: Failure) => void;
}

/** Reaches the target; a failure ends the client with a reset (or an HTTP answer) and is counted. */
async function reachFor(life: Life, how: HowToReach = {}): Promise<Reached | null> {
  const { client, connection, route, forwarding, gone } = life;
  const reply = await (how.reach?.() ?? forwarding.reach(route, route.transport ?? "amps", gone));
  if (gone.aborted) {
    if (reply.ok) resetSocket(reply.value.socket);
    forwarding.registry.end(connection);
    client.destroy();
    return null;
  }
  if (reply.ok) {
    client.off("close", gone.tell);
    forwarding.registry.establish(connection, reply.value.backend.id, reply.value.why);
    return reply.value;
  }
  refuseClient(forwarding, route.id, reply.failure, connection);
  if (how.answer) how.answer(reply.failure);
  else resetSocket(client);
  return null;
}

async function carryBlind(life: Life, early?: Buffer): Promise<void> {
  const reached = await reachFor(life);
  if (reached) join(life, reached, { early });
}

function join(
  { route, forwarding, connection, client }: Life,
  reached: Reached,
  { observer, early }: Pick<CarryOptions, "observer" | "early"> = {},
): void {
  carry({ route, forwarding, connection, client, reached, observer, early });
}

/** Says no in HTTP and closes; the client is known to speak it. */
function refuseInHttp({ client, connection, route, forwarding }: Life, reason: Failure): void {
  refuseClient(forwarding, route.id, reason, connection);
  client.end(rawFailure(reason));
  client.resume();
}

/** The client's first bytes; empty when it left without any, or when the backend was the first to speak or leave. */
function firstBytes(client: Socket, backend: Duplex): Promise<Buffer> | Buffer {
  // A socket reads ahead while its backend is dialled: mostly they are there.
  const ahead = client.read() as Buffer | null;
  if (ahead) return ahead;
  return new Promise((resolve) => {
    const done = (bytes: Buffer): void => {
      client.off("data", done);
      client.off("end", onNothing);
      client.off("close", onNothing);
      backend.off("readable", onNothing);
      backend.off("close", onNothing);
      client.pause();
      resolve(bytes);
    };
    const onNothing = () => done(Buffer.alloc(0));
    // And its end may have come and gone.
    if (client.readableEnded || client.destroyed || backend.destroyed) return onNothing();
    client.on("data", done);
    client.on("end", onNothing);
    client.on("close", onNothing);
    backend.on("readable", onNothing);
    backend.on("close", onNothing);
    client.resume();
  });
}

/** Nothing is forwarded before the client's first bytes are judged: a page in a browser must not speak to AMPS. */
async function carryAmps(life: Life): Promise<void> {
  const reached = await reachFor(life);
  if (!reached) return;
  const first = firstBytes(life.client, reached.socket);
  return judgeAmps(life, reached, first instanceof Buffer ? first : await first);
}

function judgeAmps(life: Life, reached: Reached, first: Buffer): Promise<void> | void {
  const { client, connection, forwarding } = life;
  if (first.length > 0 && classifyFirstBytes(first) === "http") return carryHttpOnAmps(life, reached, first);
  if (client.destroyed || reached.socket.destroyed || (client.readableEnded && first.length === 0)) {
    forwarding.registry.end(connection);
    if (reached.socket.destroyed) resetSocket(client);
    else client.destroy();
    reached.socket.destroy();
    return;
  }
  join(life, reached, { observer: observeTcpLogon, early: first });
}

/** A preflight client is answered here or passed on; anything else that speaks HTTP is a browser, and refused. */
async function carryHttpOnAmps(life: Life, reached: Reached, first: Buffer): Promise<void> {
  const { client, connection, route, names } = life;
  const preflight = await readPreflight(client, first, names);
  if ("code" in preflight) {
    resetSocket(reached.socket);
    return refuseRaw(life, preflight);
  }
  connection.kind = "preflight";
  if (route.preflight === "pass") return join(life, reached, { early: preflight.bytes });
  client.write(switchingProtocols(preflight.upgrade));
  join(life, reached, { observer: observeTcpLogon, early: preflight.bytes.subarray(preflight.end) });
}

function refuseRaw({ client, connection, route, forwarding }: Life, reason: Failure): void {
  refuseClient(forwarding, route.id, reason, connection);
  resetSocket(client);
}

/** On a sticky route the logon names the client before a member is chosen and dialled. */
async function carryNamed(life: Life): Promise<void> {
  const { client, connection, forwarding, names } = life;
  let said = await readIntroduction(client);
  if (said !== "gone" && "http" in said) {
    const preflight = await readPreflight(client, said.http, names);
    if ("code" in preflight) return refuseRaw(life, preflight);
    connection.kind = "preflight";
    client.write(switchingProtocols(preflight.upgrade));
    said = await readIntroduction(client, preflight.bytes.subarray(preflight.end));
  }
  if (said === "gone") {
    forwarding.registry.end(connection);
    client.destroy();
    return;
  }
  if ("http" in said) return refuseRaw(life, failure("HTTP_ON_RAW_PORT", "A preflight came twice."));
  if ("code" in said) return refuseRaw(life, said);
  connection.logon = said.logon;
  const { ampsClient } = said.logon;
  const reached = await reachFor(life, {
    reach: () => forwarding.reachNamed(life.route, ampsClient, life.gone),
  });
  if (reached) join(life, reached, { early: said.bytes });
}

/** Judges the upgrade request, then passes it on byte for byte. */
async function carryWebSocket(life: Life): Promise<void> {
  const { client, connection, forwarding, gone, names } = life;
  const read = await readHead(client);
  if (read === "closed" || gone.aborted) {
    forwarding.registry.end(connection);
    client.destroy();
    return;
  }
  const judged = judgeWebSocketHead(read, names);
  if ("code" in judged) return refuseInHttp(life, judged);
  const reached = await reachFor(life, {
    answer: (reason) => {
      client.end(rawFailure(reason));
      client.resume();
    },
  });
  if (!reached) return;
  let deflate = false;
  const facts = { messageType: messageTypeOfPath(judged.head.target), isDeflate: () => deflate };
  reached.socket.write(judged.bytes.subarray(0, judged.end));
  connection.bytes.add("toBackend", judged.end);
  join(life, reached, {
    early: judged.bytes.subarray(judged.end),
    observer: (onLogon, role) =>
      afterBackendHead(observeWebSocketLogon(facts, onLogon, role), (head) => {
        deflate = /^sec-websocket-extensions:.*permessage-deflate/im.test(head);
      }),
  });
}

function judgeWebSocketHead(
  read: Exclude<Awaited<ReturnType<typeof readHead>>, "closed">,
  names: ListenerNames,
): (HeadBytes & { readonly head: RequestHead }) | Failure {
  if (read === "timeout")
    return failure("REQUEST_TIMEOUT", "The WebSocket handshake did not arrive within 10 s.");
  if (read === "not-http" || read === "too-large")
    return failure("NOT_A_WEBSOCKET", "What arrived on a websocket route is no WebSocket handshake.");
  const head = parseRequestHead(read.bytes.toString("latin1", 0, read.end));
  if (typeof head === "string") return failure("BAD_REQUEST", `The request ${head}.`);
  if (
    head.method !== "GET" ||
    !isWebSocketUpgrade(headerValue(head, "upgrade"), headerValue(head, "sec-websocket-key"))
  ) {
    return failure(
      "NOT_A_WEBSOCKET",
      "An HTTP request that is no WebSocket handshake arrived on a websocket route.",
    );
  }
  return originProblem(headerValue(head, "origin"), names) ?? { ...read, head };
}
