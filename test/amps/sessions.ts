/** Replays the captured client exchanges of test/vectors/amps-vectors.json: what a client sends, what a server answers. */
import { stepBytes, tcpFrame, webSocketSessions as captured } from "./vectors.ts";

export interface Step {
  readonly from: "client" | "server";
  readonly bytes: Buffer;
}

interface WebSocketSession {
  readonly title: string;
  /** The captured upgrade request's lines, without the empty one. */
  readonly request: readonly string[];
  /** Everything behind the two HTTP heads. */
  readonly steps: readonly Step[];
}

export const webSocketSessions: readonly WebSocketSession[] = captured.map(({ title, steps }) => ({
  title,
  request: steps[0]?.http ?? [],
  steps: steps.slice(1).map((step) => ({ from: step.from, bytes: stepBytes(step) })),
}));

/** One session over the TCP framing, of every constructed frame. */
export const tcpSession: readonly Step[] = [
  { from: "client", bytes: tcpFrame("logon") },
  { from: "server", bytes: tcpFrame("logon_ack") },
  { from: "client", bytes: tcpFrame("heartbeat_start") },
  { from: "server", bytes: tcpFrame("heartbeat") },
  { from: "client", bytes: tcpFrame("beat") },
  { from: "client", bytes: tcpFrame("publish") },
  { from: "client", bytes: tcpFrame("queue_ack") },
  { from: "server", bytes: tcpFrame("sow_batch") },
];

/** What one side sends over a whole session. */
export function bytesFrom(side: "client" | "server", steps: readonly Step[]): Buffer {
  return Buffer.concat(steps.filter((step) => step.from === side).map((step) => step.bytes));
}
