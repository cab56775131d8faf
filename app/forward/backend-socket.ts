/** A byte stream to a backend, however it is carried: TCP, TLS over it, or a channel of an SSH connection. */
import type { Duplex } from "node:stream";

export interface BackendSocket extends Duplex {
  /** So far, in bytes. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Emits `timeout` after so long without a byte; 0 never. */
  setTimeout(timeoutMs: number): this;
}
