import type { SandboxClock } from "../clock.ts";
import type { Broker } from "../data/broker.ts";
import type { Receiver, Subscription } from "../data/subscription.ts";
import type { HeaderFields } from "../wire/amps-message.ts";
import type { BatchRecord, ClientWire } from "../wire/client-wire.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Command } from "./command.ts";
import type { Heartbeat } from "./heartbeat.ts";

/** Who a client said it is, once its logon was accepted. */
export interface Identity {
  readonly clientName: string;
  readonly user: string;
  readonly version: string;
  readonly messageType: string;
  readonly correlationId: string;
}

/** What a session sees of the instance that it is connected to. */
export interface SessionHost {
  readonly version: string;
  readonly clock: SandboxClock;
  readonly broker: Broker;
  readonly authenticate: Authenticate;
  /** Takes the logged-on session in; false where another user has a session of that name. */
  readonly admit: (session: Session) => boolean;
  readonly leave: (session: Session) => void;
  /** Runs once every sync destination has the log up to `logIndex`, at once where that is so already. */
  readonly whenDurable: (session: Session, logIndex: number, run: () => void) => void;
}

/** One client's session, as commands and the instance see it. */
export interface Session extends Receiver {
  readonly wire: ClientWire;
  readonly host: SessionHost;
  readonly connectedAtMs: number;
  readonly subscriptions: Map<string, Subscription>;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Null until the logon. */
  identity: Identity | null;
  heartbeat: Heartbeat | null;
  send(fields: HeaderFields, body?: Buffer): void;
  sendBatch(fields: HeaderFields, records: readonly BatchRecord[]): void;
  /** Acknowledges the command with `kind` where the client asked for it. */
  acknowledge(command: Command, kind: string, more?: HeaderFields): void;
  /** Refuses the command; clients wait for `processed` (publishers for `persisted`). */
  refuse(command: Command, reason: string): void;
  /** Closes the connection after what was sent; the reasons are AMPS's words (amps-facts 8). */
  end(reason: string): void;
}

export type Handler = (session: Session, identity: Identity, command: Command) => void;
