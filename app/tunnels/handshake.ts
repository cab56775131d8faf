/** What a proxy's handshake is handed, and how its failures are told. */
import type { Socket } from "node:net";
import type { Reply } from "../contract/commands.ts";
import type { HostPort } from "../config/address.ts";

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface Handshake {
  /** Connected to the proxy; nothing has been sent or read. */
  readonly socket: Socket;
  /** Where the proxy is asked to connect to. */
  readonly target: HostPort;
  readonly credentials: Credentials | null;
  /** The tunnel's id, for messages. */
  readonly tunnel: string;
}

/**
 * Asks a proxy on `socket` to connect to `target`. The reply's socket is paused or not yet read, and what the far end
 * has sent behind the proxy's answer is the first that is read from it. Ends the socket where it fails; never rejects.
 */
export type ShakeHands = (handshake: Handshake) => Promise<Reply<Socket>>;
