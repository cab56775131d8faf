import type { SandboxClock } from "../clock.ts";
import type { AmpsMessage, HeaderFields } from "./amps-message.ts";

export interface BatchRecord {
  readonly key: string;
  readonly body: Buffer;
}

/** One client's connection, whatever its framing: commands come in, headers with bodies and SOW batches go out. */
export interface ClientWire {
  readonly transport: "amps" | "websocket";
  /** `address:port` as the instance sees it. */
  readonly remoteAddress: string;
  /** The message type where the address of the connection says it (WebSocket); else the logon does. */
  readonly messageType: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** What waits to be sent: a slow instance's delay and the socket's own buffer. */
  readonly queuedBytes: number;
  send(fields: HeaderFields, body?: Buffer): void;
  sendBatch(fields: HeaderFields, records: readonly BatchRecord[]): void;
  /** Closes after everything that was sent before. */
  end(reason: string): void;
  /** Cuts at once, as a killed server would. */
  reset(): void;
}

export interface WireListener {
  onMessage(message: AmpsMessage): void;
  onClosed(): void;
}

/** What a wire needs of its instance. */
export interface WireContext {
  readonly accept: (wire: ClientWire) => WireListener;
  readonly clock: SandboxClock;
  readonly delayMs: () => number;
}
