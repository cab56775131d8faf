/** A client for which a native door dials the only backend there is, unasked. */
import { getSystemErrorName } from "node:util";
import type { HostPort } from "../config/address.ts";
import type { EndpointKind } from "../contract/config.ts";
import type { ConnectionKind } from "../contract/snapshot.ts";
import type { Failure } from "../contract/failures.ts";
import type { Link } from "./chain.ts";
import type { Visits } from "./connection-registry.ts";
import type { DialLimits, LimitedDial } from "./dial-limits.ts";
import { DoorConnection, type Service } from "./door-connection.ts";
import type { Entrance } from "./entrance.ts";
import { refuseClient } from "./forwarding.ts";
import { told } from "./native-addon.ts";
import type { Place } from "./native-thread.ts";
import { describeTcpError, describeTimeout, defaultDialTimeoutMs } from "./open-tcp.ts";

export type DialOrder = Extract<Entrance, { how: "dial" }>;

interface Arrival {
  readonly place: Place;
  readonly service: Service;
  readonly address: string;
  /** Default: the route's. */
  readonly kind?: ConnectionKind;
}

export class OrderedConnection extends DoorConnection {
  readonly startedMs = Date.now();
  protected readonly order: DialOrder;
  readonly #limits: DialLimits;
  readonly #limit: Link<LimitedDial>;
  #dialling = true;

  constructor(at: Arrival, order: DialOrder, limits: DialLimits) {
    super(at.place, at.service, at.address, at.kind);
    this.order = order;
    this.#limits = limits;
    this.#limit = limits.begin(this);
    at.service.forwarding.dialsElsewhere.began(order.backend.id);
  }

  override told(what: number, a: number, b: number, bytes: Buffer): void {
    if (!this.#dialling) return super.told(what, a, b, bytes);
    if (what === told.dialled) {
      this.#settle({ failure: null });
      this.open(this.order.backend, this.order.why);
    } else if (what === told.notDialled) this.fail(describeErrno(a, this.order.address));
    else {
      // The client has gone.
      this.#settle(null);
      super.told(what, a, b, bytes);
    }
  }

  /** Its time is over. */
  expire(): void {
    this.fail(describeTimeout(this.order.address, defaultDialTimeoutMs));
  }

  protected override cut(): void {
    if (this.#dialling) this.#settle(null);
    super.cut();
  }

  protected get isDialling(): boolean {
    return this.#dialling;
  }

  /** The dial has failed. */
  protected fail(failure: Failure): void {
    this.#settle({ failure });
    this.turnAway(failure);
  }

  protected turnAway(failure: Failure): void {
    const { route, forwarding } = this.service;
    this.place.cut();
    refuseClient(forwarding, route.id, failure, this.connection);
  }

  /** What the backend was dialled as. */
  protected get endpoint(): EndpointKind {
    return this.service.route.transport ?? "amps";
  }

  #settle(outcome: { readonly failure: Failure | null } | null): void {
    this.#dialling = false;
    this.#limits.end(this.#limit);
    this.service.forwarding.dialsElsewhere.ended(
      this.order.backend.id,
      this.endpoint,
      outcome && { ...outcome, startedMs: this.startedMs },
    );
  }
}

/** Clients that had come, been served and gone before JavaScript heard of them: the book is as if they had been in it. */
export function noteVisits(
  { route, forwarding }: Service,
  order: DialOrder,
  visits: Visits,
  kind: EndpointKind = route.transport ?? "amps",
): void {
  const { registry, dialsElsewhere } = forwarding;
  const backend = order.backend.id;
  registry.noteVisits(route.id, backend, visits);
  dialsElsewhere.began(backend);
  dialsElsewhere.ended(backend, kind, { failure: null, startedMs: Date.now() });
}

export function describeErrno(errno: number, address: HostPort): Failure {
  const code = getSystemErrorName(-errno);
  return describeTcpError(Object.assign(new Error(`connect ${code}`), { code }), address);
}
