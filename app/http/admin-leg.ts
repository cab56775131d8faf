/** What one client connection has behind one route: its backend, pinned, and its own connection to it. */
import type { Socket } from "node:net";
import type { BackendConfig, RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { ByteCounts } from "../contract/snapshot.ts";
import type { Reply } from "../contract/commands.ts";
import { accept, failure } from "../failures.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { Connection } from "../forward/connection.ts";
import { Departure } from "../forward/departure.ts";
import { endpointAddress } from "../forward/endpoint-address.ts";
import { addressOf, type Forwarding, type Reached } from "../forward/forwarding.ts";
import { PinnedAgent, ReachError } from "./pinned-agent.ts";

export interface AdminLeg {
  readonly connection: Connection;
  readonly backend: BackendConfig;
  /** The `host:port` of the backend's admin endpoint. */
  readonly authority: string;
  /** For Node's client, on the same connection as `open` gives: always the same one. */
  agent(): PinnedAgent;
  /** The leg's connection where it is idle, else a new one. */
  open(): Promise<Reply<BackendSocket>>;
  /** Takes an idle connection back for who opens next. */
  giveBack(socket: BackendSocket): void;
  /** Ends its connections. */
  close(): void;
}

/** The legs of one client: a browser's kept connection may go to many routes, and ends them all. */
interface ClientLegs {
  /** By route id; a promise while it is opened. */
  readonly ofRoute: Map<string, AdminLeg | Promise<AdminLeg | Failure>>;
  readonly onGone: Set<() => void>;
}

export type AdminLegs = WeakMap<Socket, ClientLegs>;

/** Bytes of all the backend connections of a leg; sampled, since HTTP framing is Node's. */
class LegSockets implements ByteCounts {
  readonly #open = new Set<BackendSocket>();
  #ended = { toBackend: 0, toClient: 0 };

  get toBackend(): number {
    let sum = this.#ended.toBackend;
    for (const socket of this.#open) sum += socket.bytesWritten;
    return sum;
  }

  get toClient(): number {
    let sum = this.#ended.toClient;
    for (const socket of this.#open) sum += socket.bytesRead;
    return sum;
  }

  add(socket: BackendSocket): void {
    if (this.#open.has(socket)) return;
    this.#open.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#ended.toBackend += socket.bytesWritten;
      this.#ended.toClient += socket.bytesRead;
    });
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

function makeLeg(
  route: RouteConfig,
  forwarding: Forwarding,
  connection: Connection,
  reached: Reached,
): AdminLeg {
  const sockets = new LegSockets();
  connection.bytes.follow(sockets);
  connection.isSampled = true;
  let agent: PinnedAgent | null = null;
  let idle: BackendSocket | null = reached.socket;
  const open = async (): Promise<Reply<BackendSocket>> => {
    const kept = idle;
    idle = null;
    const reply =
      kept && !kept.destroyed && !kept.readableEnded
        ? accept(kept)
        : await forwarding.redial(route, reached.backend, "admin");
    if (reply.ok) sockets.add(reply.value);
    return reply;
  };
  const openForAgent = async (): Promise<BackendSocket> => {
    const reply = await open();
    if (!reply.ok) throw new ReachError(reply.failure);
    return reply.value;
  };
  return {
    connection,
    backend: reached.backend,
    authority: endpointAddress(reached.backend, "admin")?.authority ?? "",
    // Most clients ask nothing but what is plain, and need none.
    agent: () => (agent ??= new PinnedAgent(openForAgent)),
    open,
    giveBack(socket) {
      idle = socket;
    },
    close() {
      agent?.destroy();
      idle?.destroy();
      sockets.close();
    },
  };
}

async function openLeg(
  client: Socket,
  route: RouteConfig,
  forwarding: Forwarding,
  onGone: Set<() => void>,
): Promise<AdminLeg | Failure> {
  const { registry } = forwarding;
  const gone = new Departure();
  const connection = registry.begin({
    route: route.id,
    kind: "admin",
    client: addressOf(client),
    cut: () => client.destroy(),
  });
  onGone.add(gone.tell);
  const reply = await forwarding.reach(route, "admin", gone);
  onGone.delete(gone.tell);
  if (!reply.ok || client.destroyed) {
    if (reply.ok) reply.value.socket.destroy();
    registry.end(connection);
    return reply.ok ? failure("CONNECT_FAILED", "The client went away.") : reply.failure;
  }
  registry.establish(connection, reply.value.backend.id, reply.value.why);
  const leg = makeLeg(route, forwarding, connection, reply.value);
  onGone.add(() => {
    leg.close();
    registry.end(connection);
  });
  return leg;
}

function startLegs(client: Socket, legs: AdminLegs): ClientLegs {
  const started: ClientLegs = { ofRoute: new Map(), onGone: new Set() };
  legs.set(client, started);
  client.once("close", () => {
    for (const end of started.onGone) end();
  });
  return started;
}

/** The leg of this client and route, opened at the first request; a failed opening is tried again at the next one. */
export function legOf(
  client: Socket,
  route: RouteConfig,
  forwarding: Forwarding,
  legs: AdminLegs,
): AdminLeg | Promise<AdminLeg | Failure> {
  const { ofRoute, onGone } = legs.get(client) ?? startLegs(client, legs);
  const known = ofRoute.get(route.id);
  if (known) return known;
  const opening = openLeg(client, route, forwarding, onGone).then((leg) => {
    if ("code" in leg) ofRoute.delete(route.id);
    else ofRoute.set(route.id, leg);
    return leg;
  });
  ofRoute.set(route.id, opening);
  return opening;
}
