/** The captured client exchanges, as bytes. */
import { readFileSync } from "node:fs";

interface VectorStep {
  readonly from: "client" | "server";
  readonly http?: readonly string[];
  readonly opcode?: number;
  readonly payload?: string;
  readonly payload_hex?: string;
  readonly hex?: string;
}

interface Vectors {
  readonly ws_sessions: readonly { readonly title: string; readonly steps: readonly VectorStep[] }[];
  readonly tcp_constructed: readonly { readonly name: string; readonly hex: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../vectors/amps-vectors.json", import.meta.url), "utf8"),
) as Vectors;

const { ws_sessions: webSocketSessions, tcp_constructed: tcpFrames } = vectors;
export { webSocketSessions };

/** A constructed TCP frame by name. */
export function tcpFrame(name: string): Buffer {
  const frame = tcpFrames.find((one) => one.name === name);
  if (!frame) throw new Error(`no vector ${name}`);
  return Buffer.from(frame.hex, "hex");
}

interface FrameOptions {
  readonly fin?: boolean;
  readonly compressed?: boolean;
  readonly masked?: boolean;
}

/** One frame, masked as a client sends it unless told otherwise; the mask differs with every length. */
export function webSocketFrame(opcode: number, payload: Buffer, options: FrameOptions = {}): Buffer {
  const { fin = true, compressed = false, masked = true } = options;
  const first = (fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  const mask = Buffer.from([0x5a, payload.length & 0xff, 0xc3, 0x11]);
  const extended =
    payload.length < 126 ? Buffer.alloc(0) : payload.length < 65_536 ? Buffer.alloc(2) : Buffer.alloc(8);
  if (extended.length === 2) extended.writeUInt16BE(payload.length);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(payload.length));
  const length = extended.length === 0 ? payload.length : extended.length === 2 ? 126 : 127;
  const body = masked ? payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0)) : payload;
  return Buffer.concat([
    Buffer.from([first, (masked ? 0x80 : 0) | length]),
    extended,
    masked ? mask : Buffer.alloc(0),
    body,
  ]);
}

/** The bytes of one step behind the handshake; the captured ones where they are whole. */
export function stepBytes({ from, opcode = 1, payload, payload_hex: hexed, hex }: VectorStep): Buffer {
  const plain = payload === undefined ? Buffer.from(hexed ?? "", "hex") : Buffer.from(payload, "utf8");
  const captured = hex === undefined ? null : Buffer.from(hex, "hex");
  if (captured && captured.length >= plain.length + 6) return captured;
  return webSocketFrame(opcode, plain, { masked: from === "client" });
}

/** The bytes that the client of a captured session sends behind its handshake. */
export function clientBytes(title: string): Buffer {
  const session = webSocketSessions.find((one) => one.title.startsWith(title));
  if (!session) throw new Error(`no session ${title}`);
  const steps = session.steps.filter((step) => step.from === "client" && step.opcode !== undefined);
  return Buffer.concat(steps.map(stepBytes));
}
