import { limits } from "../limits.ts";
import { parseHeader, type AmpsMessage } from "./amps-message.ts";

/** `text`: bodies are text messages; `binary`: they are binary ones. The client's first message says which. */
type BodyTag = "text" | "binary";

type WsStep =
  | { readonly kind: "more" }
  | { readonly kind: "command"; readonly message: AmpsMessage }
  | { readonly kind: "bad"; readonly reason: string };

const more: WsStep = { kind: "more" };

/** Puts commands together from WebSocket messages: a tag once; then a count, a header and body parts each (2.2). */
export class WsCommandReader {
  tag: BodyTag | null = null;
  #left = 0;
  #header: AmpsMessage["header"] | null = null;
  #parts: Buffer[] = [];
  #bytes = 0;

  push(data: Buffer, isBinary: boolean): WsStep {
    if (this.tag === null) return this.#takeTag(data, isBinary);
    if (this.#left === 0) return this.#takeCount(data, isBinary);
    return this.#header === null ? this.#takeHeader(data, isBinary) : this.#takePart(data);
  }

  #takeTag(data: Buffer, isBinary: boolean): WsStep {
    const text = data.toString("latin1");
    if (isBinary || (text !== "text" && text !== "binary")) return bad("no tag message");
    this.tag = text;
    return more;
  }

  #takeCount(data: Buffer, isBinary: boolean): WsStep {
    const count = isBinary && data.length === 4 ? data.readUInt32LE(0) : 0;
    if (count < 1 || count > limits.partsPerCommand) return bad("no message count");
    this.#left = count;
    return more;
  }

  #takeHeader(data: Buffer, isBinary: boolean): WsStep {
    const header = isBinary || data.length > limits.headerBytes ? null : parseHeader(data.toString("utf8"));
    if (header === null) return bad("no header");
    this.#header = header;
    return this.#step();
  }

  #takePart(data: Buffer): WsStep {
    this.#bytes += data.length;
    if (this.#bytes > limits.messageBytes) return bad("message too large");
    this.#parts.push(data);
    return this.#step();
  }

  #step(): WsStep {
    this.#left -= 1;
    if (this.#left > 0 || this.#header === null) return more;
    // The parts of a composite, lengths included, are its body as TCP clients send it.
    const message = { header: this.#header, body: Buffer.concat(this.#parts) };
    this.#header = null;
    this.#parts = [];
    this.#bytes = 0;
    return { kind: "command", message };
  }
}

function bad(reason: string): WsStep {
  return { kind: "bad", reason };
}
