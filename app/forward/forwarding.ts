/** What every forwarder is handed: how to reach a target, where to count, where to tell. */
import type { Socket } from "node:net";
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, EndpointKind, RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { ActivityNote } from "../engine/activity-log.ts";
import type { BackendSocket } from "./backend-socket.ts";
import type { GoneSignal } from "./departure.ts";
import type { TakeOver } from "./mover.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionRegistry } from "./connection-registry.ts";

export interface ReachedBy<S> {
  readonly socket: S;
  readonly backend: BackendConfig;
  readonly why: string;
}

export type Reached = ReachedBy<BackendSocket>;

/** Whoever dials for a client, and `giveUp` what was reached: a socket, or a leg in the native addon. */
export interface Dialler<S> {
  readonly dial: (backend: BackendConfig, kind: EndpointKind) => Promise<Reply<S>>;
  readonly giveUp: (reached: S) => void;
}

/** Dials that the native addon makes: counted while they last, and their outcome made known. */
export interface DialsElsewhere {
  began(backend: string): void;
  /** Null: the client had gone, which says nothing of the backend. */
  ended(
    backend: string,
    kind: EndpointKind,
    outcome: { readonly failure: Failure | null; readonly startedMs: number } | null,
  ): void;
}

export interface Forwarding {
  readonly registry: ConnectionRegistry;
  readonly note: (note: ActivityNote) => void;
  /** Chooses a backend for the route and connects to it, trying others of a pool where the route's clients may go there. */
  readonly reach: (route: RouteConfig, kind: EndpointKind, signal: GoneSignal) => Promise<Reply<Reached>>;
  /** The same for whoever dials otherwise. */
  readonly reachBy: <S>(
    route: RouteConfig,
    kind: EndpointKind,
    signal: GoneSignal,
    dialler: Dialler<S>,
  ) => Promise<Reply<ReachedBy<S>>>;
  readonly dialsElsewhere: DialsElsewhere;
  /** The same for the AMPS clients of a sticky route, by name. */
  readonly reachNamed: (
    route: RouteConfig,
    ampsClient: string,
    signal: GoneSignal,
  ) => Promise<Reply<Reached>>;
  /** What moves plain TCP that nobody watches. */
  readonly takeOver: TakeOver;
  /** Connects to one backend again, for a connection that was placed there before. */
  readonly redial: (
    route: RouteConfig,
    backend: BackendConfig,
    kind: EndpointKind,
  ) => Promise<Reply<BackendSocket>>;
}

/** Counts a refused client and tells of it. */
export function refuseClient(
  forwarding: Forwarding,
  route: string,
  reason: Failure,
  connection?: Connection,
): void {
  forwarding.registry.refuse(route, connection);
  forwarding.note({
    event: "connection-refused",
    severity: "warning",
    message: `${reason.message} ${reason.advice}`,
    code: reason.code,
    route,
  });
}

export function addressOf(socket: Socket): string {
  const { remoteAddress = "?", remotePort = 0 } = socket;
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
