/** Serves the clients of a port route, or of several told apart by TLS server name, at one bound address: let in by a native door where there is one, by Node elsewhere. */
import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket, type SecureContext } from "node:tls";
import type { Service } from "../forward/door-connection.ts";
import type { Forwarding } from "../forward/forwarding.ts";
import { keepAliveLater } from "../forward/keep-alive.ts";
import type { Door, Doors } from "../forward/native-door.ts";
import { createNameSwitch, type NamedRoutes } from "../forward/name-switch.ts";
import { carryPortClient } from "../forward/port-route.ts";
import { rememberTransport, resetSocket } from "../forward/reset.ts";
import { isToldByName } from "../forward/server-name-table.ts";

/** What serves the clients of one bound address: made anew for every attempt to open, since a server binds once. */
export interface Serving {
  readonly server: Server;
  update(next: NamedRoutes): void;
  /** The server listens. */
  begin(): void;
  /** See `Listener`. */
  review(): void;
  hold(): void;
  /** `served`: whoever still waits to be accepted is served as before, else reset. */
  close(served: boolean): void;
}

export interface RawServerOptions {
  readonly forwarding: Forwarding;
  readonly doors: Doors | null;
  /** Counts a client's socket; false where there is no room: then it is refused and reset. */
  readonly admits: (socket: Socket) => boolean;
  /** A client was turned away elsewhere. */
  readonly refuseFull: () => void;
}

/** `context`: the clients speak TLS to Shunt. */
export function createRawServer(
  context: SecureContext | null,
  { forwarding, doors, admits, refuseFull }: RawServerOptions,
): Serving {
  let current: Service | null = null;
  let isByName = false;
  const byName = createNameSwitch(forwarding);
  let door: Door | null = null;
  let held = false;
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const onClient = (socket: Socket): void => {
    // First of all: a reset before anything else is ready must not end the process.
    socket.on("error", () => undefined);
    if (!admits(socket)) return;
    keepAliveLater(socket);
    if (!current) return resetSocket(socket);
    if (isByName) return byName.take(socket);
    void carryPortClient(context ? acceptTls(socket, context) : socket, current);
  };
  server.on("connection", onClient);
  return {
    server,
    update(next) {
      const [route] = next.routes;
      // A door lets those of the first route in as it lets in all of them: TLS that is passed through is for JavaScript.
      current = route ? { route, names: next.names, forwarding, admits } : null;
      isByName = isToldByName(next.routes);
      byName.update(next);
      held = false;
      door?.serve(current);
    },
    begin() {
      if (!context) door = doors?.open(server, { accept: onClient, full: refuseFull }) ?? null;
    },
    review() {
      if (!held) door?.serve(current);
    },
    hold() {
      held = true;
      door?.serve(null);
    },
    close(served) {
      if (!served) {
        current = null;
        byName.update(null);
      }
      door?.close();
      current = null;
      server.close();
    },
  };
}

function acceptTls(raw: Socket, secureContext: SecureContext): Socket {
  const secure = new TLSSocket(raw, { isServer: true, secureContext });
  // TLSSocket has no option of this name when it wraps a socket, and ends itself with the peer's end otherwise.
  secure.allowHalfOpen = true;
  secure.on("error", () => undefined);
  rememberTransport(secure, raw);
  return secure;
}
