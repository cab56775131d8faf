/**
 * Who may be reached from one backend's Galvanometer, under which exact `host:port`, and how. Pure.
 *
 *     the backend itself → the backends beside it → what replication statistics name
 *       → where its SQL page connects to → what the operator has allowed                 first come, first kept
 */
import type { BackendConfig } from "../contract/config.ts";
import { formatHostPort, parseEndpoint, type EndpointAddress, type HostPort } from "../config/address.ts";
import { authorityKey, isRelativeHost } from "./authority.ts";
import type { Peer } from "./peers.ts";
import type { SqlTransport } from "./sql-transport.ts";

/** What is dialled for an address. */
type PlaceDial =
  | { readonly by: "endpoint"; readonly backend: BackendConfig; readonly kind: "admin" | "websocket" }
  /** Named by the instance or allowed, and covered by no backend: reached as the backend that was opened is. */
  | { readonly by: "address"; readonly address: HostPort; readonly via: string | undefined };

export interface Place {
  /** `host:port` in its one spelling: the key, and the Host line. */
  readonly authority: string;
  readonly use: "admin" | "websocket";
  readonly tls: boolean;
  /** The backend whose Galvanometer was opened: the only one on which a window may act. */
  readonly isOpened: boolean;
  readonly dial: PlaceDial;
}

export interface AddressBook {
  readonly places: ReadonlyMap<string, Place>;
  /** Peers that no backend covers. */
  readonly uncovered: readonly Peer[];
  /** Why an address is not in the book, and what would put it there: one sentence each. */
  explain(authority: HostPort): { readonly message: string; readonly advice: string };
}

interface AddressBookFacts {
  readonly opened: BackendConfig;
  readonly backends: readonly BackendConfig[];
  readonly peers: readonly Peer[];
  /** The instances' own names, where they were read: backend id → name. */
  readonly instanceNames?: ReadonlyMap<string, string>;
  /** What the opened instance's configuration says of its SQL page; null where it was not read. */
  readonly sql?: SqlTransport | null;
  readonly allowed?: readonly AllowedTarget[];
}

/** What the operator has allowed although nothing names it. */
export interface AllowedTarget {
  readonly address: HostPort;
  readonly use: Place["use"];
}

export function makeAddressBook(facts: AddressBookFacts): AddressBook {
  const { opened, peers } = facts;
  const places = new Map<string, Place>();
  const add = (address: HostPort, place: Omit<Place, "authority">): void => {
    const authority = authorityKey(address);
    if (!places.has(authority)) places.set(authority, { authority, ...place });
  };
  const ordered = nearestFirst(facts);
  for (const backend of ordered) addEndpoints(backend, backend.id === opened.id, add);
  // The SQL page connects to the host of the page, whatever name the websocket endpoint is configured by.
  for (const backend of ordered) addSqlAlias(backend, backend.id === opened.id, add);
  const uncovered = peers.filter((peer) => !addPeer(facts, peer, places, add));
  if (facts.sql) addSqlTransport(opened, facts.sql, add);
  for (const { address, use } of facts.allowed ?? [])
    add(address, { use, tls: false, isOpened: false, dial: asOpened(opened, address) });
  return {
    places,
    uncovered,
    explain: (address) => explain(address, facts, ordered),
  };
}

/** Where two backends have the same address, the one that is nearer to the opened one is meant. */
function nearestFirst({ opened, backends }: AddressBookFacts): readonly BackendConfig[] {
  const distance = (backend: BackendConfig): number => {
    const sameTunnel = backend.via === opened.via;
    const sameEnvironment = backend.environment === opened.environment;
    return (sameEnvironment ? 0 : 2) + (sameTunnel ? 0 : 1);
  };
  const others = backends.filter((backend) => backend.id !== opened.id);
  return [opened, ...others.sort((one, other) => distance(one) - distance(other))];
}

type Add = (address: HostPort, place: Omit<Place, "authority">) => void;

function addEndpoints(backend: BackendConfig, isOpened: boolean, add: Add): void {
  for (const kind of ["admin", "websocket"] as const) {
    const address = endpointOf(backend, kind);
    if (address)
      add(address, { use: kind, tls: address.tls, isOpened, dial: { by: "endpoint", backend, kind } });
  }
}

function addSqlAlias(backend: BackendConfig, isOpened: boolean, add: Add): void {
  const admin = endpointOf(backend, "admin");
  const socket = endpointOf(backend, "websocket");
  if (!admin || !socket) return;
  const dial = { by: "endpoint", backend, kind: "websocket" } as const;
  add({ host: admin.host, port: socket.port }, { use: "websocket", tls: socket.tls, isOpened, dial });
}

/** An address of the opened backend's own network. */
function asOpened(opened: BackendConfig, { host, port }: HostPort): PlaceDial {
  const own = isRelativeHost(host) ? (endpointOf(opened, "admin")?.host ?? host) : host;
  return { by: "address", address: { host: own, port }, via: opened.via };
}

/**
 * Where the SQL page connects to. An address that AMPS announces without a path is the transport by another name, so the
 * websocket endpoint serves it; behind a path stands a web server that knows what to do with it.
 */
function addSqlTransport(
  opened: BackendConfig,
  { port, announced, behindPath }: SqlTransport,
  add: Add,
): void {
  const admin = endpointOf(opened, "admin");
  const socket = endpointOf(opened, "websocket");
  const common = { use: "websocket", isOpened: true } as const;
  if (announced && socket && !behindPath)
    add(announced, {
      ...common,
      tls: socket.tls,
      dial: { by: "endpoint", backend: opened, kind: "websocket" },
    });
  // Whoever speaks TLS there speaks it to the page: the tunnel is raw.
  else if (announced) add(announced, { ...common, tls: false, dial: asOpened(opened, announced) });
  else if (port !== null && admin && !socket) {
    const address = { host: admin.host, port };
    add(address, { ...common, tls: false, dial: { by: "address", address, via: opened.via } });
  }
}

/** Adds the address by which a peer is polled; true where it is a backend of ours. */
function addPeer(facts: AddressBookFacts, peer: Peer, places: ReadonlyMap<string, Place>, add: Add): boolean {
  const { opened } = facts;
  const relative = isRelativeHost(peer.address.host);
  const dialled = relative ? { host: peer.namedBy.host, port: peer.address.port } : peer.address;
  const known = places.get(authorityKey(dialled)) ?? null;
  const covered =
    known?.use === "admin" && known.dial.by === "endpoint" ? known.dial.backend : byName(facts, peer);
  if (covered) {
    const { tls } = endpointOf(covered, "admin") ?? { tls: false };
    add(peer.address, {
      use: "admin",
      tls,
      isOpened: covered.id === opened.id,
      dial: { by: "endpoint", backend: covered, kind: "admin" },
    });
    return true;
  }
  add(peer.address, {
    use: "admin",
    // AMPS asks that all instances use TLS on admin, or none (amps-facts 5.1).
    tls: peer.tls ?? endpointOf(opened, "admin")?.tls ?? false,
    isOpened: false,
    dial: { by: "address", address: dialled, via: opened.via },
  });
  return false;
}

/** The one backend of the opened one's environment that has the peer's name; two of them are no answer. */
function byName({ opened, backends, instanceNames }: AddressBookFacts, { name }: Peer): BackendConfig | null {
  if (name === "") return null;
  const named = backends.filter(
    (backend) =>
      backend.environment === opened.environment &&
      backend.admin !== undefined &&
      (backend.instanceName ?? instanceNames?.get(backend.id) ?? backend.id) === name,
  );
  return named.length === 1 ? (named[0] ?? null) : null;
}

function endpointOf(backend: BackendConfig, kind: "admin" | "websocket"): EndpointAddress | null {
  const url = backend[kind];
  return url === undefined ? null : parseEndpoint(kind, url);
}

function explain(
  address: HostPort,
  { opened }: AddressBookFacts,
  ordered: readonly BackendConfig[],
): { readonly message: string; readonly advice: string } {
  const where = formatHostPort(address);
  const message = `The Galvanometer of ${opened.id} asked for ${where}, which no backend and no replication statistics name.`;
  const sameHost = ordered.find(
    (backend) => endpointOf(backend, "admin")?.host.toLowerCase() === address.host,
  );
  if (!sameHost)
    return { message, advice: `If it is an AMPS instance, add a backend with admin http://${where}.` };
  return {
    message,
    advice:
      sameHost.websocket === undefined
        ? `If it is the SQL transport of ${sameHost.id}, set its websocket to ws://${where}.`
        : `If it is another instance on the host of ${sameHost.id}, add a backend with admin http://${where}.`,
  };
}
