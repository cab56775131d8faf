import { limits } from "../limits.ts";

/** A frame: four bytes of big-endian length, which do not count themselves, then that many bytes. */
export function encodeFrame(...parts: readonly Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat([length, ...parts]);
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** The frames that are complete now, or null when a length is beyond reason: the stream is not AMPS. */
  push(chunk: Buffer): Buffer[] | null {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: Buffer[] = [];
    while (this.#bytes >= 4) {
      const length = this.#join(4).readUInt32BE(0);
      if (length > limits.messageBytes) return null;
      if (this.#bytes < 4 + length) break;
      const whole = this.#join(4 + length);
      frames.push(whole.subarray(4, 4 + length));
      const rest = whole.subarray(4 + length);
      this.#chunks = rest.length > 0 ? [rest, ...this.#chunks.slice(1)] : this.#chunks.slice(1);
      this.#bytes -= 4 + length;
    }
    return frames;
  }

  /** The first chunk, made at least `length` long; joining only what is needed keeps long frames cheap. */
  #join(length: number): Buffer {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= length) return first;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }
}
