/** The sandbox's only door: plain data, so that it can run on a thread of its own. */
import type { Reply } from "../contract/commands.ts";
import type { ShuntConfig } from "../contract/config.ts";
import type { SandboxAction, SandboxStatus } from "../contract/sandbox.ts";

export interface SandboxOptions {
  /** Default 2. Named `amps-a`, `amps-b`, … */
  readonly instances: number;
  /** First of the ports tried; 0 lets the system choose every port. Where a port is taken the next free one is used. */
  readonly basePort: number;
  /** A small steady stream of messages on the topic `orders`, published at the first instance. Default false. */
  readonly demo?: boolean;
  /** What replication links are set up as. Default `sync`. */
  readonly syncType?: "sync" | "async";
  /** Instance name → `host:port` that its peers record as its `destination_admin_addr`; default where it listens. */
  readonly adminAddresses?: Readonly<Record<string, string>>;
  /** Instance name → `SQLTransportInetAddr`: where its SQL page connects; default the page's host and the port. */
  readonly sqlTransportAddresses?: Readonly<Record<string, string>>;
  /** Instance name → load as fractions of 1; default: loads that wander. */
  readonly loads?: Readonly<Record<string, { readonly cpu: number; readonly memory: number }>>;
  /** Age of the admin statistics. Default 1,000. */
  readonly statisticsIntervalMs?: number;
  /** How long replication acknowledgements are gathered on async links. Default 1,000. */
  readonly ackIntervalMs?: number;
  /** How long a queue message is leased to a consumer. Default 30,000. */
  readonly leaseMs?: number;
}

export interface SandboxHandle {
  start(options: SandboxOptions): Promise<Reply<SandboxStatus>>;
  stop(): Promise<SandboxStatus>;
  act(instance: string, action: SandboxAction): Promise<Reply<SandboxStatus>>;
  status(): Promise<SandboxStatus>;
  /** A whole configuration for the running instances: backends (environment `sandbox`), a pool, routes of every kind. */
  config(): Promise<ShuntConfig>;
  onChange(listener: (status: SandboxStatus) => void): () => void;
}
