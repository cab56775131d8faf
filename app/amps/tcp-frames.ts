/** Reads the headers of frames as they pass: a 4-byte big-endian length, a JSON-like header, and a body that is skipped unread. */
import type { Sight } from "../forward/move-streams.ts";
import { headerEnd } from "./header.ts";

/** A longer header is none that a client would send. */
const longestHeader = 16 * 1024;

/** Returns what `onHeader` does, and false at the first anomaly; holds at most one unfinished header. */
export function readFrameHeaders(onHeader: (header: string) => Sight): (chunk: Buffer) => Sight {
  let held: Buffer = Buffer.alloc(0);
  let skip = 0;
  return (chunk) => {
    if (skip >= chunk.length) {
      skip -= chunk.length;
      return true;
    }
    let rest = skip > 0 ? chunk.subarray(skip) : chunk;
    skip = 0;
    if (held.length > 0) rest = Buffer.concat([held, rest]);
    while (rest.length >= 5) {
      const frameEnd = 4 + rest.readUInt32BE(0);
      if (rest[4] !== 0x7b) return false;
      const readable = rest.subarray(0, Math.min(frameEnd, longestHeader));
      const end = headerEnd(readable, 4);
      if (end < 0 && readable.length === Math.min(frameEnd, longestHeader)) return false;
      if (end < 0) break;
      const sight = onHeader(rest.toString("utf8", 4, end));
      if (sight !== true) return sight;
      if (frameEnd > rest.length) skip = frameEnd - rest.length;
      rest = rest.subarray(Math.min(frameEnd, rest.length));
    }
    // A copy: what is kept must not keep a whole read buffer alive, nor change with it.
    held = Buffer.from(rest);
    return true;
  };
}
