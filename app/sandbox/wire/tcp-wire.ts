import type { Socket } from "node:net";
import { limits } from "../limits.ts";
import { formatHeader, readMessage, type HeaderFields } from "./amps-message.ts";
import type { BatchRecord, ClientWire, WireContext, WireListener } from "./client-wire.ts";
import { Outbox } from "./outbox.ts";
import { OpeningReader } from "./preflight.ts";
import { encodeFrame, FrameReader } from "./tcp-frames.ts";
import { resetSocket } from "../../forward/reset.ts";

/** How long a peer may take to answer our end before the socket is destroyed. */
const endGraceMs = 1_000;

/** A client of the TCP transport: a preflight at most, then length-framed messages both ways. */
export class TcpWire implements ClientWire {
  readonly transport = "amps";
  readonly messageType = null;
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #context: WireContext;
  readonly #outbox: Outbox;
  readonly #frames = new FrameReader();
  readonly #listener: WireListener;
  #opening: OpeningReader | null = new OpeningReader();

  constructor(socket: Socket, context: WireContext) {
    this.#socket = socket;
    this.#context = context;
    this.remoteAddress = `${socket.remoteAddress ?? "unknown"}:${socket.remotePort ?? 0}`;
    this.#outbox = new Outbox(context.clock, context.delayMs);
    this.#listener = context.accept(this);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("close", () => {
      this.#outbox.clear();
      this.#listener.onClosed();
    });
  }

  get bytesIn(): number {
    return this.#socket.bytesRead;
  }

  get bytesOut(): number {
    return this.#socket.bytesWritten;
  }

  get queuedBytes(): number {
    return this.#outbox.queuedBytes + this.#socket.writableLength;
  }

  send(fields: HeaderFields, body: Buffer = Buffer.alloc(0)): void {
    this.#write(encodeFrame(Buffer.from(formatHeader(fields), "utf8"), body));
  }

  sendBatch(fields: HeaderFields, records: readonly BatchRecord[]): void {
    const parts = records.flatMap(({ key, body }) => [
      Buffer.from(formatHeader({ k: key, l: body.length })),
      body,
    ]);
    this.#write(encodeFrame(Buffer.from(formatHeader(fields), "utf8"), ...parts));
  }

  end(): void {
    this.#outbox.push(0, () => {
      this.#socket.end();
      const cancel = this.#context.clock.after(endGraceMs, () => this.#socket.destroy());
      this.#socket.once("close", cancel);
    });
  }

  reset(): void {
    resetSocket(this.#socket);
  }

  #write(bytes: Buffer): void {
    if (this.#socket.destroyed) return;
    if (this.queuedBytes + bytes.length > limits.queuedBytesPerClient) return this.reset();
    this.#outbox.push(bytes.length, () => {
      if (this.#socket.writable) this.#socket.write(bytes);
    });
  }

  #onData(chunk: Buffer): void {
    if (this.#socket.writableEnded) return;
    if (this.#opening === null) return this.#onFrames(chunk);
    const opening = this.#opening.push(chunk);
    if (opening.kind === "more") return;
    if (opening.kind === "refused") {
      this.#socket.write(opening.reply);
      return this.end();
    }
    this.#opening = null;
    if (opening.reply !== null) this.#socket.write(opening.reply);
    this.#onFrames(opening.rest);
  }

  #onFrames(chunk: Buffer): void {
    const frames = this.#frames.push(chunk);
    if (frames === null) return this.reset();
    for (const frame of frames) {
      const message = readMessage(frame);
      if (message === null) return this.reset();
      this.#listener.onMessage(message);
      if (this.#socket.destroyed || this.#socket.writableEnded) return;
    }
  }
}
