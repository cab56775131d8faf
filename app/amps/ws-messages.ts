/** Reassembles the client's WebSocket messages (RFC 6455 section 5) for passive reading, inflating where negotiated. */
import { constants, inflateRawSync } from "node:zlib";

/** Everything an observer may hold: a logon is a few hundred bytes. */
const mostBytes = 64 * 1024;
const deflateTail = Buffer.from([0x00, 0x00, 0xff, 0xff]);

interface Frame {
  readonly fin: boolean;
  readonly compressed: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
  readonly end: number;
}

/** One frame at the beginning of `bytes`; null while incomplete, `bad` if no client would send it. */
function readFrame(bytes: Buffer): Frame | null | "bad" {
  if (bytes.length < 2) return null;
  const [first = 0, second = 0] = bytes;
  let length = second & 0x7f;
  let at = 2;
  if (length === 126) {
    if (bytes.length < 4) return null;
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return null;
    if (bytes.readUInt32BE(2) !== 0) return "bad";
    length = bytes.readUInt32BE(6);
    at = 10;
  }
  if (!(second & 0x80) || (first & 0x30) !== 0 || length > mostBytes) return "bad";
  const end = at + 4 + length;
  if (bytes.length < end) return null;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, end));
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return { fin: (first & 0x80) !== 0, compressed: (first & 0x40) !== 0, opcode: first & 0x0f, payload, end };
}

export interface MessageReader {
  /** The messages completed by these bytes. */
  push(chunk: Buffer): readonly Buffer[];
  /** The stream cannot be followed any further. */
  readonly isLost: boolean;
}

/** `isDeflate` is asked at the first compressed frame: whether the 101 negotiated permessage-deflate. */
export function readClientMessages(isDeflate: () => boolean): MessageReader {
  let held: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  let partsBytes = 0;
  let partsCompressed = false;
  let window: Buffer = Buffer.alloc(0);

  const inflate = (data: Buffer): Buffer => {
    // The client may refer back to earlier messages (context takeover): what was inflated so far is the dictionary.
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: mostBytes };
    const plain = inflateRawSync(
      Buffer.concat([data, deflateTail]),
      window.length > 0 ? { ...options, dictionary: window } : options,
    );
    window = Buffer.concat([window, plain]).subarray(-32_768);
    return plain;
  };
  const take = (frame: Frame): Buffer | null => {
    if (frame.opcode >= 8) return null;
    if (frame.opcode !== 0) {
      parts = [];
      partsBytes = 0;
      partsCompressed = frame.compressed;
    }
    parts.push(frame.payload);
    partsBytes += frame.payload.length;
    if (partsBytes > mostBytes) throw new RangeError("A message of many fragments is no logon.");
    if (!frame.fin) return null;
    const message = Buffer.concat(parts);
    parts = [];
    return partsCompressed ? inflate(message) : message;
  };
  let lost = false;
  /** The next message; null where none is complete, or where the stream cannot be followed: then it is lost. */
  const next = (): Buffer | null => {
    for (;;) {
      const frame = readFrame(held);
      if (frame === "bad" || (frame?.compressed && !isDeflate())) lost = true;
      if (frame === null && held.length > mostBytes) lost = true;
      if (lost || frame === null || frame === "bad") return null;
      held = held.subarray(frame.end);
      try {
        const message = take(frame);
        if (message) return message;
      } catch {
        lost = true;
      }
    }
  };
  return {
    push(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const messages: Buffer[] = [];
      for (let message = next(); message; message = next()) messages.push(message);
      return messages;
    },
    get isLost() {
      return lost;
    },
  };
}
