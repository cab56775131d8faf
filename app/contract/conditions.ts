/**
 * Conditions: what a developer does to a route on purpose, to see how clients bear a bad network. They live in the
 * engine for a chosen time, are never part of the configuration, and never alter or reorder a byte.
 * The words are toxiproxy's.
 */

/** One thing that goes wrong with connections. Times count from the connection's start, or from when the fault was set. */
export type Fault =
  /** Closed after so many bytes one way. */
  | { readonly do: "limit"; readonly bytes: number }
  /** Broken off (reset_peer). */
  | { readonly do: "reset"; readonly afterMs: number }
  /** The backend's side is gone and the client is not told. */
  | { readonly do: "half-open"; readonly afterMs: number }
  /** Nothing passes (timeout); broken off after `closeAfterMs`, or, with 0, never: what was held goes on when the conditions end. */
  | { readonly do: "blackhole"; readonly closeAfterMs: number }
  /** New clients are refused. */
  | { readonly do: "down" };

export interface Conditions {
  /** Which way they work; default `both`. */
  readonly direction?: "both" | "to-backend" | "to-client";
  readonly latencyMs?: number;
  /** Up to so much more or less than the latency. */
  readonly jitterMs?: number;
  /** Kilobytes (1,000 bytes) a second, per connection and direction. */
  readonly bandwidthKBps?: number;
  /** Bytes arrive in pieces of about `bytes`, with a pause of `delayMs` after each. */
  readonly slicer?: { readonly bytes: number; readonly delayMs: number };
  readonly fault?: Fault;
}

export interface ActiveConditions {
  readonly conditions: Conditions;
  /** When they end by themselves, ISO 8601. */
  readonly until: string;
  /** In words: `latency 200 ms ± 50 ms, 64 KB/s`. */
  readonly says: string;
}
