/**
 * Doors of the native addon: it accepts in the place of Node's server, which has bound the address, and does for a client
 * what its order says (native/door.h). The book is kept here.
 *
 *     entered ─▶ OrderedConnection   its backend is being dialled      passed ─▶ the same as an accepted socket
 *             └▶ AskedConnection     a backend is chosen, then dialled
 *     read    ─▶ whoever judges first bytes (app/http/upgrade-door.ts), or passed
 */
import { Server, type Socket } from "node:net";
import type { EndpointKind, RouteConfig } from "../contract/config.ts";
import { AskedConnection } from "./asked-connection.ts";
import type { ClientRoom } from "./client-room.ts";
import type { Visits } from "./connection-registry.ts";
import { DialLimits } from "./dial-limits.ts";
import { openDescriptor, type DoorConnection, type Service } from "./door-connection.ts";
import type { Entrance } from "./entrance.ts";
import { orderHow, type Form, type NativeOrder } from "./native-addon.ts";
import type { NativeThread, Place, ReadNews } from "./native-thread.ts";
import { noteVisits, OrderedConnection } from "./ordered-connection.ts";

interface Doorway {
  /** A client that the door does not serve, as if Node had accepted it. */
  readonly accept: (client: Socket) => void;
  /** A client was turned away: there was no room. */
  readonly full: () => void;
}

/** Judges what a client says first. */
interface ReadingDoorway extends Doorway {
  /** Null: it is not for the addon, and is accepted with its bytes. */
  readonly read: (place: Place, news: ReadNews) => DoorConnection | null;
  /** A client has said what the form with this serial has, and is served by it. */
  readonly entered: (place: Place, serial: number, address: string) => DoorConnection | null;
  /** The same, and they have gone again. */
  readonly visited: (serial: number, visits: Visits) => void;
  /** `bytes`: what the client has said so far; null: nothing for a quarter of a second. */
  readonly accept: (client: Socket, bytes?: Buffer | null) => void;
}

export interface Door {
  /**
   * What is done for clients from now on; null: JavaScript has them all. Whoever was let in before is told of with the next
   * `hear`, which has to come before what is done changes twice more.
   */
  serve(service: Service | null): void;
  /** Nobody is let in any more. */
  close(): void;
}

/** One that reads what clients say first. */
export interface ReadingDoor extends Pick<Door, "close"> {
  teach(...form: Form): void;
  /** Every form; whoever was served by one is in the book when this returns. */
  forget(): void;
}

export interface Doors {
  /** Lets the clients of a listening server in, all of them for JavaScript at first; null where it cannot, and the server goes on. */
  open(server: Server, doorway: Doorway): Door | null;
  /** Reads what clients say first, for JavaScript to judge; null where it cannot. */
  openReading(server: Server, doorway: ReadingDoorway): ReadingDoor | null;
  readonly upgrades: UpgradeMeans;
  /** Whoever was let in so far is in the book when this returns. */
  hear(): void;
  /** Hears, and has everything counted that has moved. */
  look(): void;
}

export interface DoorsOptions {
  readonly thread: NativeThread;
  readonly room: ClientRoom;
  /** What is to be done for the clients of a route now. */
  readonly entranceOf: (route: RouteConfig) => Entrance;
  readonly upgradeEntranceOf: UpgradeMeans["entranceOf"];
}

/** What an upgrade needs that the addon carries from its first byte on. */
export interface UpgradeMeans {
  readonly entranceOf: (route: RouteConfig, kind: EndpointKind) => Entrance;
  readonly limits: DialLimits;
}

interface Order {
  readonly serial: number;
  readonly service: Service | null;
  readonly entrance: Entrance;
}

const pass: Entrance = { how: "pass" };

/** What Node's servers have beyond their public face. */
function listeningFd(server: Server): number | null {
  const { _handle: handle } = server as { _handle?: { readonly fd?: unknown } | null };
  return typeof handle?.fd === "number" && handle.fd >= 0 ? handle.fd : null;
}

/** The addon's duplicate goes on listening. An HTTP server's own `close` would also stop looking for requests that take too long. */
function stopListening(server: Server): void {
  Server.prototype.close.call(server);
}

export function createDoors({ thread, room, entranceOf, upgradeEntranceOf }: DoorsOptions): Doors {
  const limits = new DialLimits();
  return {
    upgrades: { entranceOf: upgradeEntranceOf, limits },
    openReading(server, { read, entered, visited, accept, full }) {
      const fd = listeningFd(server);
      if (fd === null) return null;
      const { addon } = thread;
      const door = thread.openDoor(() => addon.openDoor(fd, room.words, orderHow.read, 0, false, "", 0), {
        entered,
        visited,
        full,
        read,
        passed(clientFd, bytes) {
          const client = openDescriptor({ addon }, clientFd);
          if (client) accept(client, bytes && Buffer.from(bytes));
        },
      });
      if (door === null) return null;
      stopListening(server);
      return {
        teach: (...form) => void addon.teach(door, ...form),
        forget() {
          addon.forget(door);
          thread.hear();
        },
        close: () => thread.closeDoor(door),
      };
    },
    open(server, doorway) {
      const fd = listeningFd(server);
      if (fd === null) return null;
      const { addon } = thread;
      let order: Order = { serial: 0, service: null, entrance: pass };
      let before = order;
      const orderOf = (serial: number): Order => (serial === order.serial ? order : before);
      const enter = (place: Place, serial: number, address: string): DoorConnection | null => {
        const { service, entrance } = orderOf(serial);
        if (!service) return null;
        if (entrance.how !== "dial") return new AskedConnection(place, service, address);
        return new OrderedConnection({ place, service, address }, entrance, limits);
      };
      const door = thread.openDoor(() => addon.openDoor(fd, room.words, ...nativeOrder(order)), {
        entered: enter,
        passed(clientFd) {
          const client = openDescriptor({ addon }, clientFd);
          if (client) doorway.accept(client);
        },
        visited(serial, visits) {
          const { service, entrance } = orderOf(serial);
          if (service && entrance.how === "dial") noteVisits(service, entrance, visits);
        },
        full: doorway.full,
      });
      if (door === null) return null;
      stopListening(server);
      return {
        serve(service) {
          const entrance = service ? entranceOf(service.route) : pass;
          before = order;
          order = { serial: order.serial + 1, service, entrance };
          addon.order(door, ...nativeOrder(order));
        },
        close: () => thread.closeDoor(door),
      };
    },
    hear: () => thread.hear(),
    look: () => thread.look(),
  };
}

function nativeOrder({ serial, service, entrance }: Order): NativeOrder {
  const judges = service?.route.transport === "amps";
  const { host, port } = entrance.how === "dial" ? entrance.address : { host: "", port: 0 };
  return [orderHow[entrance.how], serial, judges, host, port];
}
