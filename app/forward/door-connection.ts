/** A connection that a native door has let in, from the moment that its bytes move: the addon has it, JavaScript keeps the book. */
import type { Socket } from "node:net";
import type { BackendConfig } from "../contract/config.ts";
import type { ConnectionKind } from "../contract/snapshot.ts";
import type { LogonFacts } from "../amps/header.ts";
import { observeTcpLogon } from "../amps/tcp-observer.ts";
import { endCarried } from "./carry.ts";
import type { Connection } from "./connection.ts";
import { brokenEnd } from "./move-natively.ts";
import { Departure } from "./departure.ts";
import { DirectSocket } from "./direct-socket.ts";
import type { Observer } from "./move-streams.ts";
import type { MoverReport, SpliceEnd } from "./mover.ts";
import { told } from "./native-addon.ts";
import type { Place, Tenant } from "./native-thread.ts";
import { carryFromDoor, cutBefore, type PortRouteOptions } from "./port-route.ts";
import { resetSocket } from "./reset.ts";
import { createReport } from "./splice.ts";

/** What clients of a door are served with. */
export interface Service extends PortRouteOptions {
  /** Counts a client's socket, or refuses and resets it. */
  readonly admits: (client: Socket) => boolean;
}

export abstract class DoorConnection implements Tenant {
  readonly token: number;
  readonly connection: Connection;
  protected readonly place: Place;
  protected readonly service: Service;
  #backend: BackendConfig | null = null;
  #observer: Observer | null = null;
  #report: MoverReport | null = null;

  constructor(
    place: Place,
    service: Service,
    address: string,
    kind: ConnectionKind = service.route.transport ?? "amps",
  ) {
    const { route, forwarding } = service;
    this.token = place.token;
    this.place = place;
    this.service = service;
    this.connection = forwarding.registry.begin({
      route: route.id,
      kind,
      client: address,
      cut: () => this.cut(),
    });
  }

  /** Ends it with a reset on both sides, for the operator or at the end of a drain. */
  protected cut(): void {
    this.place.cut();
    this.#end({ how: "cut" });
  }

  /** A backend has taken it. */
  protected open(backend: BackendConfig, why: string): void {
    this.#backend = backend;
    this.service.forwarding.registry.establish(this.connection, backend.id, why);
    this.connection.bytes.follow(this.place.counts);
  }

  counted(): void {
    this.connection.change();
  }

  told(what: number, a: number, b: number, bytes: Buffer): void {
    switch (what) {
      case told.seen:
        return this.#see(bytes);
      case told.halfClosed:
        return this.#reported().halfClosed();
      case told.finished:
        return this.#end({ how: "finished" });
      case told.broken:
        return this.#end(brokenEnd(a, b));
      case told.left:
        return this.#leave(a, b, Buffer.from(bytes));
      default:
    }
  }

  #see(bytes: Buffer): void {
    this.#observer ??= this.observe((facts) => (this.connection.logon = facts));
    // A copy: the observer keeps what it cannot read yet.
    this.#observer.fromClient(Buffer.from(bytes));
  }

  protected observe(onLogon: (facts: LogonFacts) => void): Observer {
    return observeTcpLogon(onLogon);
  }

  #reported(): MoverReport {
    const { connection } = this;
    this.#report ??= createReport(
      {
        bytes: connection.bytes,
        onHalfClosed: () => (connection.state = "half-closed"),
        onEnd: (end) => this.#close(end),
      },
      (end) => {
        this.place.cut();
        this.#end(end);
      },
    );
    return this.#report;
  }

  #end(end: SpliceEnd): void {
    this.connection.bytes.unfollow();
    if (this.#report) this.#report.ended(end);
    else this.#close(end);
  }

  #close(end: SpliceEnd): void {
    const { forwarding } = this.service;
    if (this.isCarried()) endCarried(forwarding, this.connection, end);
    else forwarding.registry.end(this.connection);
  }

  /** False before the first bytes were judged: there is nothing to tell of its end, as where JavaScript waits for them. */
  protected isCarried(): boolean {
    const { bytes, state } = this.connection;
    return this.service.route.transport !== "amps" || bytes.total > 0 || state === "half-closed";
  }

  /** Its first bytes are no AMPS frame: JavaScript goes on with both descriptors. */
  #leave(clientFd: number, backendFd: number, first: Buffer): void {
    const { connection, service } = this;
    connection.bytes.unfollow();
    const [client, socket] = [openDescriptor(this.place, clientFd), openDescriptor(this.place, backendFd)];
    const backend = this.#backend;
    if (!client || !socket || !backend || !service.admits(client)) {
      if (client) resetSocket(client);
      if (socket) resetSocket(socket);
      return service.forwarding.registry.end(connection);
    }
    const gone = new Departure();
    connection.cut = cutBefore(client, gone);
    const { route, names, forwarding } = service;
    const reached = { socket, backend, why: connection.why };
    void carryFromDoor({ route, names, forwarding, client, connection, gone }, reached, first);
  }
}

/** A socket around a descriptor of the addon's; null where Node takes it for none, and it has been closed. */
export function openDescriptor({ addon }: Pick<Place, "addon">, fd: number): Socket | null {
  try {
    const socket = new DirectSocket({ fd, readable: true, writable: true, allowHalfOpen: true });
    // First of all: a reset before anything else is ready must not end the process.
    socket.on("error", () => undefined);
    return socket;
  } catch {
    addon.resetDescriptor(fd);
    return null;
  }
}
