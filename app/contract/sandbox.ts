/** The simulated AMPS instances that come with Shunt, as the UI and the commands see them. */

export interface SandboxLink {
  /** Name of the instance that this one replicates to. */
  readonly to: string;
  /** What the link was set up as. */
  readonly configured: "sync" | "async";
  /** What it is now: a downgrade makes a sync link async until it is upgraded or the instance restarts. */
  readonly type: "sync" | "async";
  readonly connected: boolean;
  readonly secondsBehind: number;
}

export interface SandboxInstance {
  readonly name: string;
  readonly state: "running" | "stopped";
  /** Added to every answer and delivery, in milliseconds: the `slow` control. */
  readonly delayMs: number;
  readonly ports: {
    readonly amps: number;
    readonly websocket: number;
    readonly admin: number;
    readonly replication: number;
  };
  readonly clients: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly links: readonly SandboxLink[];
}

export interface SandboxStatus {
  readonly running: boolean;
  readonly instances: readonly SandboxInstance[];
}

/** What can be done to one sandbox instance, from the UI and from tests. */
export type SandboxAction =
  | { readonly do: "stop" }
  | { readonly do: "start" }
  | { readonly do: "slow"; readonly delayMs: number }
  | { readonly do: "downgrade"; readonly to: string }
  | { readonly do: "upgrade"; readonly to: string };
