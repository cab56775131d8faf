import { createServer, type Socket } from "node:net";
import type { SandboxClock } from "../clock.ts";
import type { Change } from "../data/log-entry.ts";
import { LoopbackListener } from "../loopback-listener.ts";
import { Outbox } from "../wire/outbox.ts";
import { readReplicationFrames } from "./frame-socket.ts";
import { encodeAck, encodeResume, type ReplicationFrame } from "./replication-frame.ts";
import { resetSocket } from "../../forward/reset.ts";

interface TargetOptions {
  readonly sandbox: string;
  readonly clock: SandboxClock;
  readonly delayMs: () => number;
  /** How long acknowledgements that nobody waits for are gathered. */
  readonly ackIntervalMs: number;
  readonly takeOver: (change: Change) => void;
}

/** A source that is connected, as the statistics show it. */
export interface Incoming {
  readonly id: string;
  readonly from: string;
  readonly clientName: string;
  readonly connectedAtMs: number;
  readonly socket: Socket;
}

/** The target's end of replication: takes changes over and acknowledges them, at once or about every second. */
export class ReplicationTarget {
  readonly listener: LoopbackListener;
  readonly #options: TargetOptions;
  readonly #incoming = new Map<string, Incoming>();
  /** Per source the last log index received; kept over a restart, as AMPS keeps it on disk. */
  readonly #received = new Map<string, number>();
  #ids = 0;

  constructor(options: TargetOptions) {
    this.#options = options;
    const server = createServer();
    this.listener = new LoopbackListener(server);
    server.on("connection", (socket) => this.#accept(socket));
  }

  get incoming(): readonly Incoming[] {
    return [...this.#incoming.values()];
  }

  #accept(socket: Socket): void {
    const { clock, delayMs } = this.#options;
    const outbox = new Outbox(clock, delayMs);
    const send = (bytes: Buffer) =>
      outbox.push(bytes.length, () => {
        if (socket.writable) socket.write(bytes);
      });
    const source: SourceState = { from: null, acksNow: false, pendingAck: null, cancelAck: null };
    socket.setNoDelay(true);
    readReplicationFrames(socket, (frame) => this.#onFrame(socket, source, frame, send));
    socket.once("close", () => {
      outbox.clear();
      source.cancelAck?.();
      if (source.from !== null && this.#incoming.get(source.from)?.socket === socket) {
        this.#incoming.delete(source.from);
      }
    });
  }

  #onFrame(
    socket: Socket,
    source: SourceState,
    frame: ReplicationFrame,
    send: (bytes: Buffer) => void,
  ): void {
    if (source.from === null) {
      if (frame.kind !== "replicate" || frame.sandbox !== this.#options.sandbox) return resetSocket(socket);
      source.from = frame.from;
      const earlier = this.#incoming.get(frame.from);
      if (earlier) resetSocket(earlier.socket);
      this.#incoming.set(frame.from, {
        id: `in-${++this.#ids}`,
        from: frame.from,
        clientName: frame.clientName,
        connectedAtMs: this.#options.clock.now(),
        socket,
      });
      return send(encodeResume(this.#received.get(frame.from) ?? 0));
    }
    if (frame.kind === "acknowledge") {
      source.acksNow = frame.when === "now";
      this.#scheduleAck(source, send);
    } else if (frame.kind === "change") {
      this.#options.takeOver(frame.change);
      this.#received.set(source.from, frame.index);
      this.#scheduleAck(source, send);
    } else resetSocket(socket);
  }

  /** One acknowledgement stands for all that came before it; "at once" means after what arrived together. */
  #scheduleAck(source: SourceState, send: (bytes: Buffer) => void): void {
    if (source.pendingAck === "now" || (source.pendingAck === "later" && !source.acksNow)) return;
    source.cancelAck?.();
    source.pendingAck = source.acksNow ? "now" : "later";
    source.cancelAck = this.#options.clock.after(source.acksNow ? 0 : this.#options.ackIntervalMs, () => {
      source.pendingAck = null;
      source.cancelAck = null;
      send(encodeAck(this.#received.get(source.from ?? "") ?? 0));
    });
  }
}

interface SourceState {
  from: string | null;
  acksNow: boolean;
  pendingAck: "now" | "later" | null;
  cancelAck: (() => void) | null;
}
