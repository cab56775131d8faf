import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { limits } from "../limits.ts";
import { formatHeader, type HeaderFields } from "./amps-message.ts";
import type { BatchRecord, ClientWire, WireContext, WireListener } from "./client-wire.ts";
import { Outbox } from "./outbox.ts";
import { WsCommandReader } from "./ws-command-reader.ts";
import { resetSocket } from "../../forward/reset.ts";

/** A client of the WebSocket transport: every header and every body is a WebSocket message of its own. */
export class WsWire implements ClientWire {
  readonly transport = "websocket";
  readonly messageType: string;
  readonly remoteAddress: string;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #reader = new WsCommandReader();
  readonly #listener: WireListener;

  constructor(webSocket: WebSocket, socket: Socket, messageType: string, context: WireContext) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.messageType = messageType;
    this.remoteAddress = `${socket.remoteAddress ?? "unknown"}:${socket.remotePort ?? 0}`;
    this.#outbox = new Outbox(context.clock, context.delayMs);
    this.#listener = context.accept(this);
    socket.setNoDelay(true);
    webSocket.on("error", () => this.reset());
    webSocket.on("message", (data, isBinary) => this.#onData(data as Buffer, isBinary));
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
    return this.#outbox.queuedBytes + this.#webSocket.bufferedAmount;
  }

  send(fields: HeaderFields, body?: Buffer): void {
    this.#write(formatHeader(fields));
    if (body !== undefined && body.length > 0) this.#writeBody(body);
  }

  sendBatch(fields: HeaderFields, records: readonly BatchRecord[]): void {
    this.#write(formatHeader(fields));
    for (const { key, body } of records) {
      this.#write(formatHeader({ k: key, l: body.length }));
      this.#writeBody(body);
    }
  }

  end(reason: string): void {
    this.#outbox.push(0, () => this.#webSocket.close(1011, reason));
  }

  reset(): void {
    resetSocket(this.#socket);
  }

  #writeBody(body: Buffer): void {
    // A text message with broken UTF-8 would cost the reader its connection.
    this.#write(this.#reader.tag === "text" && isUtf8(body) ? body.toString("utf8") : body);
  }

  #write(data: string | Buffer): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    if (this.queuedBytes + data.length > limits.queuedBytesPerClient) return this.reset();
    this.#outbox.push(data.length, () => {
      // A failed send is followed by the socket's own close.
      if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.send(data, () => undefined);
    });
  }

  #onData(data: Buffer, isBinary: boolean): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const step = this.#reader.push(data, isBinary);
    if (step.kind === "bad") this.end(step.reason);
    else if (step.kind === "command") this.#listener.onMessage(step.message);
  }
}
