/** What one client connection has behind one route: its backend, pinned, and its own connection to it. */
import type { Agent } from "node:http";
import type { Socket } from "node:net";
import type { BackendConfig, RouteConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import type { ByteCounts } from "../contract/snapshot.ts";
import { failure } from "../failures.ts";
import type { BackendSocket } from "../forward/backend-socket.ts";
import type { Connection } from "../forward/connection-registry.ts";
import { addressOf, type Forwarding, type Reached } from "../forward/forwarding.ts";
import { PinnedAgent, ReachError } from "./pinned-agent.ts";

export interface AdminLeg {
  readonly connection: Connection;
  readonly backend: BackendConfig;
  readonly agent: Agent;
}

/** The legs of one client: a browser's kept connection may go to many routes, and ends them all. */
interface ClientLegs {
  /** By route id. */
  readonly ofRoute: Map<string, Promise<AdminLeg | Failure>>;
  readonly onGone: Set<() => void>;
}

export type AdminLegs = WeakMap<Socket, ClientLegs>;

/** Bytes of all the backend connections of a leg; sampled, since HTTP framing is Node's. */
function countSockets(): { readonly bytes: ByteCounts; add(socket: BackendSocket): void } {
  const sockets = new Set<BackendSocket>();
  const ended = { toBackend: 0, toClient: 0 };
  return {
    bytes: {
      get toBackend() {
        return [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, ended.toBackend);
      },
      get toClient() {
        return [...sockets].reduce((sum, socket) => sum + socket.bytesRead, ended.toClient);
      },
    },
    add(socket) {
      sockets.add(socket);
      socket.once("close", () => {
        sockets.delete(socket);
        ended.toBackend += socket.bytesWritten;
        ended.toClient += socket.bytesRead;
      });
    },
  };
}

function makeLeg(
  route: RouteConfig,
  forwarding: Forwarding,
  connection: Connection,
  reached: Reached,
): AdminLeg {
  const counted = countSockets();
  connection.bytes.follow(counted.bytes);
  let first: BackendSocket | null = reached.socket;
  const agent = new PinnedAgent(async () => {
    let socket = first;
    first = null;
    if (!socket || socket.destroyed) {
      const reply = await forwarding.redial(route, reached.backend, "admin");
      if (!reply.ok) throw new ReachError(reply.failure);
      socket = reply.value;
    }
    counted.add(socket);
    return socket;
  });
  return { connection, backend: reached.backend, agent };
}

async function openLeg(
  client: Socket,
  route: RouteConfig,
  forwarding: Forwarding,
  onGone: Set<() => void>,
): Promise<AdminLeg | Failure> {
  const { registry } = forwarding;
  const gone = new AbortController();
  const connection = registry.begin({
    route: route.id,
    kind: "admin",
    client: addressOf(client),
    cut: () => client.destroy(),
  });
  const abandon = () => gone.abort();
  onGone.add(abandon);
  const reply = await forwarding.reach(route, "admin", gone.signal);
  onGone.delete(abandon);
  if (!reply.ok || client.destroyed) {
    if (reply.ok) reply.value.socket.destroy();
    registry.end(connection);
    return reply.ok ? failure("CONNECT_FAILED", "The client went away.") : reply.failure;
  }
  registry.establish(connection, reply.value.backend.id, reply.value.why);
  const leg = makeLeg(route, forwarding, connection, reply.value);
  onGone.add(() => {
    leg.agent.destroy();
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
export async function legOf(
  client: Socket,
  route: RouteConfig,
  forwarding: Forwarding,
  legs: AdminLegs,
): Promise<AdminLeg | Failure> {
  const { ofRoute, onGone } = legs.get(client) ?? startLegs(client, legs);
  const opening = ofRoute.get(route.id) ?? openLeg(client, route, forwarding, onGone);
  ofRoute.set(route.id, opening);
  const leg = await opening;
  if ("code" in leg) ofRoute.delete(route.id);
  return leg;
}
