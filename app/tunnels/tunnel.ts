/** How a backend is reached when not directly: one of these per configured tunnel, shared by every backend that names it. */
import type { Reply } from "../contract/commands.ts";
import type { TunnelStatus } from "../contract/snapshot.ts";
import type { HostPort } from "../config/address.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { DialOptions } from "../forward/open-tcp.ts";

export interface Tunnel {
  /** Opens a connection to an address at the tunnel's far end, which also looks its name up. Never rejects. */
  open(address: HostPort, options: DialOptions): Promise<Reply<BackendSocket>>;
  /** Waits until it stands: `up`; or `unseen` where every connection makes its own way. Never rejects. */
  ready(options: DialOptions): Promise<Reply<"up" | "unseen">>;
  status(): TunnelStatus;
  /** Tries at once, also where no further attempt would be made. */
  retry(): Promise<Reply<null>>;
  /** The machine slept or its network changed: what is up is probed, what waits is tried. */
  wake(): void;
  /** Gives the present attempt up, and those to come until the operator tries again. What is up stays up. */
  stop(): void;
  /** Asks for passwords and passphrases anew with the next log-on. */
  forgetSecrets(): void;
  /** Ends what it holds; safe to call twice. */
  close(): void;
}

/** The status of a tunnel that nothing has used yet. */
export function unusedStatus(id: string): TunnelStatus {
  return { id, state: "unknown", reason: null, failure: null, retryAt: null, stopped: false, question: null };
}
