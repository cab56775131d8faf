/** How a backend is reached when not directly: one of these per configured tunnel, shared by every backend that names it. */
import type { Reply } from "../contract/commands.ts";
import type { TunnelStatus } from "../contract/snapshot.ts";
import type { HostPort } from "../config/address.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { DialOptions } from "../forward/open-tcp.ts";

export interface Tunnel {
  /** Opens a connection to an address at the tunnel's far end, which also looks its name up. Never rejects. */
  open(address: HostPort, options: DialOptions): Promise<Reply<BackendSocket>>;
  status(): TunnelStatus;
  /** Tries at once, also where no further attempt would be made. */
  retry(): Promise<Reply<null>>;
  /** The machine slept or its network changed: what is up is probed, what waits is tried. */
  wake(): void;
  /** Ends what it holds; safe to call twice. */
  close(): void;
}
