/** The sandbox's only door: plain data, so that it can run on a thread of its own. */
import type { Reply } from "../contract/commands.ts";
import type { ShuntConfig } from "../contract/config.ts";
import type { SandboxAction, SandboxStatus } from "../contract/sandbox.ts";

export interface SandboxOptions {
  /** Default 2. Named `amps-a`, `amps-b`, … */
  readonly instances: number;
  /** First of the ports tried; 0 lets the system choose every port. Where a port is taken the next free one is used. */
  readonly basePort: number;
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
