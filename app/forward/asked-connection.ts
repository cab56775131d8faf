/** A client that a native door holds until JavaScript has chosen a backend: dialled by the addon too, where that can. */
import { isIP } from "node:net";
import type { Socket } from "node:net";
import type { HostPort } from "../config/address.ts";
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, EndpointKind } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { accept, failure, refuse } from "../failures.ts";
import { Departure } from "./departure.ts";
import type { BackendSocket } from "./backend-socket.ts";
import { DoorConnection, openDescriptor, type Service } from "./door-connection.ts";
import { refuseClient } from "./forwarding.ts";
import { notThere, told } from "./native-addon.ts";
import type { Place } from "./native-thread.ts";
import { names } from "./name-lookup.ts";
import { attemptTimeoutMs, defaultDialTimeoutMs, describeTcpError, describeTimeout } from "./open-tcp.ts";
import { describeErrno } from "./ordered-connection.ts";
import { plainAddress } from "./plain-address.ts";
import { carryFromDoor, cutBefore } from "./port-route.ts";
import { resetSocket } from "./reset.ts";

/** A leg that the addon has dialled. */
const inAddon = Symbol("in the addon");
type Leg = BackendSocket | typeof inAddon;

/** How one dial ended: 0, an errno, or out of its time. */
type Dialled = number | "late";

export class AskedConnection extends DoorConnection {
  readonly #kind: EndpointKind;
  readonly #gone = new Departure();
  /** Null as long as the addon holds it. */
  #client: Socket | null = null;
  #dials = 0;
  #dialled: ((how: Dialled) => void) | null = null;
  #asking = true;

  constructor(place: Place, service: Service, address: string) {
    super(place, service, address);
    this.#kind = service.route.transport ?? "amps";
    // Not before it has its place: the client may have to leave it at once.
    queueMicrotask(() => void this.#ask());
  }

  override told(what: number, a: number, b: number, bytes: Buffer): void {
    if (!this.#asking) return super.told(what, a, b, bytes);
    if (what === told.dialled || what === told.notDialled) {
      // Else it is about a dial that was given up.
      if (b === this.#dials) this.#dialled?.(what === told.dialled ? 0 : a);
    } else this.#leave();
  }

  protected override cut(): void {
    if (!this.#asking) return super.cut();
    this.place.cut();
    this.#leave();
  }

  #leave(): void {
    this.#gone.tell();
    this.#dialled?.("late");
  }

  async #ask(): Promise<void> {
    const { route, forwarding } = this.service;
    const { connection } = this;
    const reply = await forwarding.reachBy<Leg>(route, this.#kind, this.#gone, {
      dial: (backend, kind) => this.#dial(backend, kind),
      giveUp: (leg) => this.#giveUp(leg),
    });
    this.#asking = false;
    if (this.#gone.aborted) {
      if (reply.ok) this.#giveUp(reply.value.socket);
      forwarding.registry.end(connection);
      this.#drop((client) => client.destroy());
    } else if (!reply.ok) {
      refuseClient(forwarding, route.id, reply.failure, connection);
      this.#drop(resetSocket);
    } else {
      const { socket, backend, why } = reply.value;
      if (socket !== inAddon) return this.#carryHere({ socket, backend, why });
      this.open(backend, why);
      this.place.go();
    }
  }

  #drop(close: (client: Socket) => void): void {
    if (this.#client) close(this.#client);
    else this.place.cut();
  }

  #giveUp(leg: Leg): void {
    if (leg === inAddon) this.place.hangUp();
    else resetSocket(leg);
  }

  async #dial(backend: BackendConfig, kind: EndpointKind): Promise<Reply<Leg>> {
    const { route, forwarding } = this.service;
    const address = this.#client ? null : plainAddress(backend, kind);
    if (!address) {
      this.#takeClient();
      if (this.#gone.aborted) return refuse("CONNECT_FAILED", "The attempt was abandoned.");
      return forwarding.redial(route, backend, kind);
    }
    const startedMs = Date.now();
    forwarding.dialsElsewhere.began(backend.id);
    const failed = await this.#connect(address);
    forwarding.dialsElsewhere.ended(
      backend.id,
      kind,
      this.#gone.aborted ? null : { failure: failed, startedMs },
    );
    return failed ? { ok: false, failure: failed } : accept(inAddon);
  }

  /** One address of the name after the other, as Node's sockets do. */
  async #connect(address: HostPort): Promise<Failure | null> {
    const latestMs = Date.now() + defaultDialTimeoutMs;
    const hosts = await this.#lookUp(address.host);
    if (hosts instanceof Error) return describeTcpError(hosts, address);
    let first: Failure | null = null;
    for (const [at, host] of hosts.entries()) {
      const leftMs = latestMs - Date.now();
      if (this.#gone.aborted || leftMs <= 0) break;
      const isLast = at === hosts.length - 1;
      const how = await this.#dialOnce({ host, port: address.port }, isLast ? leftMs : attemptTimeoutMs);
      if (how === 0) return null;
      first ??= how === "late" ? describeTimeout(address, defaultDialTimeoutMs) : describeErrno(how, address);
    }
    return first ?? failure("CONNECT_FAILED", "The attempt was abandoned.");
  }

  async #lookUp(host: string): Promise<readonly string[] | Error> {
    if (isIP(host) !== 0) return [host];
    const gone = new Promise<Error>((resolve) =>
      this.#gone.addEventListener("abort", () => resolve(new Error("the client has gone"))),
    );
    const found = names.find(host).then(
      (all) => all.map((one) => one.address),
      (error: Error) => error,
    );
    return Promise.race([found, gone]);
  }

  #dialOnce({ host, port }: HostPort, limitMs: number): Promise<Dialled> {
    return new Promise((resolve) => {
      const error = this.place.dial(host, port);
      if (error === notThere) this.#gone.tell();
      if (error !== 0) return resolve(error === notThere ? "late" : -error);
      this.#dials++;
      const timer = setTimeout(() => {
        this.place.hangUp();
        this.#dialled?.("late");
      }, limitMs);
      const dialled = (how: Dialled): void => {
        this.#dialled = null;
        clearTimeout(timer);
        resolve(how);
      };
      this.#dialled = dialled;
    });
  }

  /** The backend is reached through a tunnel or TLS: the client comes to JavaScript. */
  #takeClient(): void {
    if (this.#client || this.#gone.aborted) return;
    const fd = this.place.release();
    const client = fd < 0 ? null : openDescriptor(this.place, fd);
    if (!client || !this.service.admits(client)) return this.#gone.tell();
    this.#client = client;
    this.connection.cut = cutBefore(client, this.#gone);
    client.on("close", this.#gone.tell);
  }

  #carryHere(reached: { socket: BackendSocket; backend: BackendConfig; why: string }): void {
    const { connection, service } = this;
    const client = this.#client;
    if (!client) return;
    service.forwarding.registry.establish(connection, reached.backend.id, reached.why);
    const { route, names, forwarding } = service;
    client.off("close", this.#gone.tell);
    void carryFromDoor({ route, names, forwarding, client, connection, gone: this.#gone }, reached);
  }
}
