import { connect, type Socket } from "node:net";
import type { SandboxClock } from "../clock.ts";
import type { TransactionLog } from "../data/transaction-log.ts";
import { limits } from "../limits.ts";
import { loopback } from "../loopback-listener.ts";
import { readReplicationFrames } from "./frame-socket.ts";
import {
  encodeAcknowledge,
  encodeChange,
  encodeReplicate,
  type ReplicationFrame,
} from "./replication-frame.ts";
import { resetSocket } from "../../forward/reset.ts";

const firstRetryMs = 100;
const maxRetryMs = 1_000;

interface LinkOptions {
  readonly id: string;
  /** One value for all instances of one sandbox: links to anything else are refused. */
  readonly sandbox: string;
  readonly from: string;
  readonly to: string;
  readonly configured: "sync" | "async";
  /** The peer's replication port. */
  readonly port: () => number;
  readonly log: TransactionLog;
  readonly clock: SandboxClock;
  /** The link's type, connection or acknowledged place is another. */
  readonly onChanged: () => void;
}

/**
 * The source's end of a replication link: pushes the changes made here to one peer, in order, and knows how far
 * the peer has acknowledged. Where it stands outlives a restart, its downgrade does not (amps-facts 6.1).
 */
export class ReplicationLink {
  readonly options: LinkOptions;
  type: "sync" | "async";
  connectedAtMs: number | null = null;
  disconnectedAtMs: number | null = null;
  disconnectCount = 0;
  messagesOut = 0;
  clientName = "";
  #bytesOutBefore = 0;
  #socket: Socket | null = null;
  #isUp = false;
  #isRunning = false;
  #cancelRetry: (() => void) | null = null;
  #retryMs = firstRetryMs;
  #nextIndex = 1;
  #ackedIndex = 0;

  constructor(options: LinkOptions) {
    this.options = options;
    this.type = options.configured;
  }

  get connected(): boolean {
    return this.#isUp;
  }

  /** The peer has everything in the log up to here. */
  get ackedIndex(): number {
    return this.#ackedIndex;
  }

  get bytesOut(): number {
    return this.#bytesOutBefore + (this.#socket?.bytesWritten ?? 0);
  }

  get secondsBehind(): number {
    const oldest = this.options.log.at(this.#ackedIndex + 1);
    return oldest === undefined ? 0 : Math.floor((this.options.clock.now() - oldest.timeMs) / 1000);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.type = this.options.configured;
    this.#dial();
  }

  /** Cuts the connection; resolves when it is closed. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    const socket = this.#socket;
    if (socket === null) return;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    resetSocket(socket);
    await closed;
  }

  downgrade(): void {
    this.#setType("async");
  }

  /** A link that was set up as async stays so. */
  upgrade(): void {
    this.#setType(this.options.configured);
  }

  /** Drops the connection; it is dialled again shortly. */
  reconnect(): void {
    if (this.#socket !== null) resetSocket(this.#socket);
  }

  /** Call after every change to the log. */
  onAppended(): void {
    this.#skipForeign();
    this.#pump();
  }

  #setType(type: "sync" | "async"): void {
    if (this.type === type) return;
    this.type = type;
    if (this.#isUp) this.#socket?.write(encodeAcknowledge(type === "sync" ? "now" : "later"));
    this.options.onChanged();
  }

  #dial(): void {
    const socket = connect({ host: loopback, port: this.options.port() });
    this.#socket = socket;
    socket.on("error", () => socket.destroy());
    socket.setNoDelay(true);
    socket.on("connect", () => {
      const { sandbox, from, to } = this.options;
      this.clientName = `${from}!${to}!${this.type}!amps-replication`;
      socket.write(encodeReplicate(sandbox, from, this.clientName));
      socket.write(encodeAcknowledge(this.type === "sync" ? "now" : "later"));
    });
    socket.on("drain", () => this.#pump());
    readReplicationFrames(socket, (frame) => this.#onFrame(frame));
    socket.once("close", () => this.#onClosed(socket));
  }

  #onFrame(frame: ReplicationFrame): void {
    if (frame.kind === "resume") this.#onResume(frame.index);
    else if (frame.kind === "ack") this.#onAck(frame.index);
    else if (this.#socket !== null) resetSocket(this.#socket);
  }

  #onResume(index: number): void {
    this.#isUp = true;
    this.#retryMs = firstRetryMs;
    this.connectedAtMs = this.options.clock.now();
    this.#nextIndex = index + 1;
    this.#onAck(index);
    this.#pump();
  }

  #onAck(index: number): void {
    this.#ackedIndex = Math.max(this.#ackedIndex, Math.min(index, this.options.log.lastIndex));
    this.#skipForeign();
    this.options.onChanged();
  }

  /** Changes made elsewhere are not sent on: every instance has a link of its own to every other. */
  #skipForeign(): void {
    const { log, from } = this.options;
    this.#ackedIndex = Math.max(this.#ackedIndex, log.firstIndex - 1);
    for (;;) {
      const next = log.at(this.#ackedIndex + 1);
      if (next === undefined || next.origin === from) return;
      this.#ackedIndex += 1;
    }
  }

  #pump(): void {
    const { log, from } = this.options;
    const socket = this.#socket;
    if (!this.#isUp || socket === null) return;
    this.#nextIndex = Math.max(this.#nextIndex, log.firstIndex);
    while (this.#nextIndex <= log.lastIndex && socket.writableLength < limits.replicationBytesInFlight) {
      const entry = log.at(this.#nextIndex);
      this.#nextIndex += 1;
      if (entry?.origin !== from) continue;
      socket.write(encodeChange(entry));
      this.messagesOut += 1;
    }
  }

  #onClosed(socket: Socket): void {
    this.#bytesOutBefore += socket.bytesWritten;
    this.#socket = null;
    if (this.#isUp) {
      this.#isUp = false;
      this.disconnectCount += 1;
      this.disconnectedAtMs = this.options.clock.now();
      this.options.onChanged();
    }
    if (!this.#isRunning) return;
    this.#cancelRetry = this.options.clock.after(this.#retryMs, () => this.#dial());
    this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
  }
}
