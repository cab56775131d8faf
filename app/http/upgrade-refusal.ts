/** The backend's own no to an upgrade goes to the client unchanged, and ends the connection: nothing else may follow on it. */
import type { Socket } from "node:net";
import type { Connection } from "../forward/connection.ts";
import type { Forwarding, Reached } from "../forward/forwarding.ts";
import { resetSocket } from "../forward/reset.ts";
import { sayLast } from "./answers.ts";
import { findBodyEnd } from "./answer-body.ts";
import { framingOf, type AnswerHead } from "./answer-head.ts";
import { headBytes, headerLines } from "./forwarded-headers.ts";
import { answerTimeoutMs } from "./backend-answer.ts";

interface Refusal {
  readonly forwarding: Forwarding;
  readonly client: Socket;
  readonly connection: Connection;
  readonly reached: Reached;
  readonly head: AnswerHead;
}

const ofConnection = new Set(["connection", "keep-alive"]);

/** The same head, with the connection's end announced. */
function closingHead(head: AnswerHead): Buffer {
  const lines = headerLines(head).filter(([name]) => !ofConnection.has(name.toLowerCase()));
  return headBytes(`HTTP/1.1 ${head.status} ${head.reason}`, [...lines.flat(), "Connection", "close"]);
}

/** Both sockets are paused; what came behind the head is in the backend's. */
export function relayRefusal({ forwarding, client, connection, reached, head }: Refusal): void {
  const { socket: backend } = reached;
  const framing = framingOf(head, "GET");
  const body = findBodyEnd(framing);
  let isOver = false;
  const end = (whole: boolean): void => {
    if (isOver) return;
    isOver = true;
    if (whole) sayLast(client);
    else resetSocket(client);
    backend.destroy();
    forwarding.registry.end(connection);
  };
  const onData = (chunk: Buffer): void => {
    const taken = body.take(chunk);
    if (taken < 0) return end(false);
    connection.bytes.add("toClient", taken);
    if (taken > 0 && !client.write(chunk.subarray(0, taken))) backend.pause();
    if (body.isOver) end(true);
  };
  const cut = (): void => end(false);
  connection.cut = cut;
  forwarding.note({
    event: "connection-refused",
    severity: "warning",
    code: "BACKEND_ANSWER_INVALID",
    route: connection.route,
    backend: reached.backend.id,
    message: `${reached.backend.id} answered an upgrade with ${head.status} ${head.reason}.`,
  });
  client.write(closingHead(head));
  if (body.isOver) return end(true);
  client.on("close", cut);
  client.on("drain", () => backend.resume());
  // Neither side may hold the other for ever: the backend by saying nothing, the client by not reading.
  backend.setTimeout(answerTimeoutMs);
  backend.on("timeout", () => end(false));
  backend.on("data", onData);
  // Without a length the end of the connection is the end of the body; with one, or with chunks, it came too early.
  backend.on("end", () => end(framing === "close"));
  backend.on("close", () => end(false));
  backend.resume();
}
