/** Replays the captured client exchanges of test/vectors/amps-vectors.json: what a client sends, what a server answers. */
import vectors from "../vectors/amps-vectors.json" with { type: "json" };

export interface Step {
  readonly from: "client" | "server";
  readonly bytes: Buffer;
}

interface VectorStep {
  readonly from: string;
  readonly http?: readonly string[];
  readonly opcode?: number;
  readonly payload?: string;
  readonly payload_hex?: string;
  readonly hex?: string;
}

/** A WebSocket frame as a client (masked) or a server (plain) sends it. */
export function webSocketFrame(opcode: number, payload: Buffer, masked: boolean): Buffer {
  const head: number[] = [0x80 | opcode];
  const maskBit = masked ? 0x80 : 0;
  if (payload.length < 126) head.push(maskBit | payload.length);
  else head.push(maskBit | 126, payload.length >> 8, payload.length & 0xff);
  if (!masked) return Buffer.concat([Buffer.from(head), payload]);
  const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  return Buffer.concat([Buffer.from(head), mask, payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0))]);
}

function stepBytes(step: VectorStep): Buffer {
  if (step.hex !== undefined) return Buffer.from(step.hex, "hex");
  const payload =
    step.payload_hex === undefined
      ? Buffer.from(step.payload ?? "", "utf8")
      : Buffer.from(step.payload_hex, "hex");
  return webSocketFrame(step.opcode ?? 1, payload, step.from === "client");
}

export interface WebSocketSession {
  readonly title: string;
  /** The captured upgrade request's lines, without the empty one. */
  readonly request: readonly string[];
  /** Everything behind the two HTTP heads. */
  readonly steps: readonly Step[];
}

export const webSocketSessions: readonly WebSocketSession[] = (
  vectors.ws_sessions as readonly { title: string; steps: readonly VectorStep[] }[]
).map(({ title, steps }) => ({
  title,
  request: steps[0]?.http ?? [],
  steps: steps.slice(1).map((step) => ({ from: step.from as "client" | "server", bytes: stepBytes(step) })),
}));

const constructed = new Map(vectors.tcp_constructed.map(({ name, hex }) => [name, Buffer.from(hex, "hex")]));

function constructedFrame(name: string): Buffer {
  const bytes = constructed.get(name);
  if (!bytes) throw new Error(`no vector ${name}`);
  return bytes;
}

/** One session over the TCP framing, of every constructed frame. */
export const tcpSession: readonly Step[] = [
  { from: "client", bytes: constructedFrame("logon") },
  { from: "server", bytes: constructedFrame("logon_ack") },
  { from: "client", bytes: constructedFrame("heartbeat_start") },
  { from: "server", bytes: constructedFrame("heartbeat") },
  { from: "client", bytes: constructedFrame("beat") },
  { from: "client", bytes: constructedFrame("publish") },
  { from: "client", bytes: constructedFrame("queue_ack") },
  { from: "server", bytes: constructedFrame("sow_batch") },
];

/** What one side sends over a whole session. */
export function bytesFrom(side: "client" | "server", steps: readonly Step[]): Buffer {
  return Buffer.concat(steps.filter((step) => step.from === side).map((step) => step.bytes));
}
