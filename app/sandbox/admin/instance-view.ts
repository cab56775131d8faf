import type { SandboxClock } from "../clock.ts";
import type { Broker } from "../data/broker.ts";
import type { ReplicationLink } from "../replication/replication-link.ts";
import type { Incoming } from "../replication/replication-target.ts";
import type { Session } from "../session/session.ts";
import type { Transport } from "../transport.ts";

/** What the admin endpoint sees of its instance. */
export interface InstanceView {
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly clock: SandboxClock;
  readonly random: () => number;
  /** Fixed loads as fractions of 1; null lets them wander. */
  readonly load: { readonly cpu: number; readonly memory: number } | null;
  readonly statisticsIntervalMs: number;
  /** How slow the instance is made. */
  readonly delayMs: () => number;
  readonly broker: Broker;
  readonly adminPort: () => number;
  /** `host:port` at which this instance says its admin endpoint is reached; null: where it listens. */
  readonly externalAdminAddress: string | null;
  /** `SQLTransportInetAddr`, where the SQL page is to connect instead of this host; null without one. */
  readonly sqlTransportAddress: string | null;
  sessions(): readonly Session[];
  /** Messages of all clients since the sandbox began. */
  messages(): { readonly in: number; readonly out: number };
  transports(): readonly Transport[];
  links(): readonly ReplicationLink[];
  incoming(): readonly Incoming[];
  /** What this instance recorded as the admin address of a peer. */
  peerAdminAddress(peer: string): string;
}
