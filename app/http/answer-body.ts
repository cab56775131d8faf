/** Finds the end of a body in its bytes, which pass as they are. */
import type { Framing } from "./answer-head.ts";
import { longestHeadBytes, readField } from "./request-head.ts";

export interface BodyEnd {
  /** How many of these bytes are of the body; -1 where its chunks are broken. */
  take(chunk: Buffer): number;
  readonly isOver: boolean;
}

export function findBodyEnd(framing: Framing): BodyEnd {
  if (framing === "chunked") return new ChunkedEnd();
  if (framing === "close") return { take: (chunk) => chunk.length, isOver: false };
  return new LengthEnd(framing);
}

class LengthEnd implements BodyEnd {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get isOver(): boolean {
    return this.#left === 0;
  }

  take(chunk: Buffer): number {
    const taken = Math.min(this.#left, chunk.length);
    this.#left -= taken;
    return taken;
  }
}

const chunkSize = /^([0-9A-Fa-f]{1,12})(;[\t\u0020-\u007e\u0080-\u00ff]*)?$/;
const lineFeed = 0x0a;

/** RFC 9112 section 7.1: a size line, so much data, a line break, and so on; behind the last, lines as in a head. */
class ChunkedEnd implements BodyEnd {
  #state: "size" | "data" | "break" | "trailer" | "over" | "broken" = "size";
  /** Of the chunk's data. */
  #left = 0;
  /** The beginning of a line. */
  #line = "";
  #trailerBytes = 0;

  get isOver(): boolean {
    return this.#state === "over";
  }

  take(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.#state !== "over" && this.#state !== "broken")
      at = this.#state === "data" ? this.#skipData(chunk, at) : this.#readLine(chunk, at);
    return this.#state === "broken" ? -1 : at;
  }

  #skipData(chunk: Buffer, at: number): number {
    const skipped = Math.min(this.#left, chunk.length - at);
    this.#left -= skipped;
    if (this.#left === 0) this.#state = "break";
    return at + skipped;
  }

  #readLine(chunk: Buffer, at: number): number {
    const feed = chunk.indexOf(lineFeed, at);
    const next = feed < 0 ? chunk.length : feed + 1;
    this.#line += chunk.toString("latin1", at, next);
    if (this.#line.length > longestHeadBytes) this.#state = "broken";
    else if (feed >= 0) {
      const line = this.#line;
      this.#line = "";
      this.#state = line.endsWith("\r\n") ? this.#after(line.slice(0, -2)) : "broken";
    }
    return next;
  }

  #after(line: string): "size" | "data" | "trailer" | "over" | "broken" {
    if (this.#state === "break") return line === "" ? "size" : "broken";
    if (this.#state === "trailer") {
      this.#trailerBytes += line.length;
      if (line === "") return "over";
      return this.#trailerBytes <= longestHeadBytes && readField(line) ? "trailer" : "broken";
    }
    const size = chunkSize.exec(line);
    if (!size) return "broken";
    this.#left = parseInt(size[1] ?? "", 16);
    return this.#left === 0 ? "trailer" : "data";
  }
}
