/** What the file of another proxy says, in common terms, as backends, pools and routes. Pure. */
import type {
  BackendTls,
  BalancePolicy,
  EndpointKind,
  ListenerTls,
  PoolConfig,
  RouteConfig,
} from "../contract/config.ts";
import type { NotUnderstood } from "../contract/import.ts";
import { formatHostPort, isLoopback, schemesOf, type HostPort } from "../config/address.ts";
import { guessEndpoint } from "./endpoint-guess.ts";
import { freeId, idOf } from "./ids.ts";
import type { Additions, Found, FoundBackend, FoundRoute } from "./import-source.ts";

export interface ProxyServer {
  /** Where the file gives it one. */
  readonly name?: string;
  readonly address: HostPort;
  readonly weight: number;
  readonly isBackup: boolean;
  readonly isDown: boolean;
  /** Null: spoken to without TLS. */
  readonly tls: BackendTls | null;
}

export interface ProxyGroup {
  readonly name: string;
  readonly servers: readonly ProxyServer[];
  readonly balance: "round-robin" | "least-connections";
  /** Null: a guess by the port, or for HTTP by what is passed on. */
  readonly kind: EndpointKind | null;
}

export interface ProxyRoute {
  /** `line 12, listen 127.0.0.1:9007`. */
  readonly origin: string;
  readonly name: string;
  readonly listen: HostPort;
  readonly tls: ListenerTls | null;
  readonly carries: "tcp" | "http";
  /** HTTP: both absent where the whole listener leads to one target. */
  readonly path?: string;
  readonly host?: string;
  readonly keepPrefix?: boolean;
  /** TCP: it is TLS that goes through, of which server names are read; without any, the route takes what no other's match. */
  readonly readsNames?: boolean;
  readonly serverNames?: readonly string[];
  /** HTTP: upgrades are passed on. */
  readonly upgrades?: boolean;
  /** Together one target: more than one where each carries another kind. */
  readonly groups: readonly ProxyGroup[];
  readonly notes: readonly string[];
  /** What in the file keeps others out, where the route would not: then it is not suggested. */
  readonly restricted: string | null;
}

/** Of all routes together, so that a file made to be large keeps nobody waiting. */
const mostServers = 3_000;

/** Collects routes with `add`; `finish` makes rows of them, once all that the file says of an address is known. */
export class ProxyAdditions {
  readonly notUnderstood: NotUnderstood[] = [];
  readonly #backends: FoundBackend[] = [];
  readonly #pools: Found<PoolConfig>[] = [];
  readonly #routes: FoundRoute[] = [];
  /** Backends and pools share one name space. */
  readonly #targetIds = new Set<string>();
  readonly #routeIds = new Set<string>();
  readonly #unused = new Map<string, number[]>();
  readonly #pending: ProxyRoute[] = [];
  #servers = 0;
  /** `host:port` of the servers that some route speaks TLS to. */
  readonly #tlsAddresses = new Set<string>();

  get additions(): Additions {
    return { tunnels: [], backends: this.#backends, pools: this.#pools, routes: this.#routes };
  }

  skip(where: string, what: string): void {
    this.notUnderstood.push({ where, what });
  }

  /** A setting that nothing stands for; told once for each name. */
  unused(name: string, line: number): void {
    const lines = this.#unused.get(name);
    if (lines) lines.push(line);
    else this.#unused.set(name, [line]);
  }

  add(route: ProxyRoute): void {
    this.#servers += serversOf(route).length;
    if (this.#servers > mostServers) return;
    this.#pending.push(route);
    for (const { address, tls } of serversOf(route)) if (tls) this.#tlsAddresses.add(formatHostPort(address));
  }

  finish(): void {
    for (const route of this.#pending) this.#plan(route);
    if (this.#servers > mostServers)
      this.skip(
        "the rest of the file",
        `routes lead to more than ${mostServers} servers; import it in parts.`,
      );
    for (const [name, lines] of this.#unused) {
      const shown = lines.slice(0, 5).join(", ");
      const where = `${lines.length === 1 ? "line" : "lines"} ${shown}${lines.length > 5 ? " and more" : ""}`;
      this.skip(where, `${name}: left out; Shunt has nothing of the kind, or decides it itself.`);
    }
  }

  #plan(route: ProxyRoute): void {
    const notes = [...route.notes];
    const passes = this.#passesTls(route);
    const wanted = new Map<string, Wanted>();
    let guessed: EndpointKind | null = null;
    let suggested = route.restricted === null;
    for (const group of route.groups)
      for (const server of group.servers) {
        const { kind, other } = kindOf(route, group, server);
        guessed ??= kind;
        if (other !== null) {
          suggested = false;
          notes.push(`Port ${server.address.port} is usually ${other}, which is none of AMPS's.`);
        }
        // One listener carries one kind: what its first server is taken for, all are.
        gather(wanted, server, { kind: group.kind ?? guessed, passes });
      }
    const [first] = route.groups;
    if (!first || guessed === null) return;
    if (first.kind === null) notes.push(`Taken for ${spoken[guessed]} port: correct it where it is another.`);
    if (route.restricted !== null)
      notes.push(
        `The file says who may use it (${route.restricted}); the route would let everyone in who reaches it.`,
      );
    if (!isLoopback(route.listen.host)) notes.push("Others on the network can reach it.");
    const members = new Map([...wanted.values()].map((one) => [this.#backend(route, one), one.server]));
    const target = this.#target(route, first, members, notes);
    const row = rowOf(route, { kind: guessed, target, passes });
    if (this.#isThere(row)) return;
    const note = notes.length === 0 ? null : [...new Set(notes)].join(" ");
    const id = freeId(row.id, this.#routeIds);
    this.#routes.push({ row: { ...row, id }, origin: route.origin, suggested, note });
  }

  /** Bytes that nobody looks into, to a port that is for TLS: the client speaks it with the backend itself. */
  #passesTls(route: ProxyRoute): boolean {
    const servers = serversOf(route);
    const isTls = ({ address }: ProxyServer) =>
      this.#tlsAddresses.has(formatHostPort(address)) || guessEndpoint(address).url.startsWith("https:");
    if (route.readsNames) return true;
    const isPlain = route.carries === "tcp" && route.tls === null && servers.every(({ tls }) => tls === null);
    return isPlain && servers.length > 0 && servers.every(isTls);
  }

  /** A route without a Host name counts for every name, so the same under one name adds nothing. */
  #isThere({ id: _, host, ...wanted }: RouteConfig): boolean {
    return this.#routes.some(({ row: { id: _id, host: other, ...row } }) => {
      const isCovered = other === undefined || other === host;
      return isCovered && row.listen === wanted.listen && JSON.stringify(row) === JSON.stringify(wanted);
    });
  }

  /** One that is there already and says nothing else of these endpoints, or a new one. */
  #backend({ origin }: ProxyRoute, { server, urls }: Wanted): string {
    const { address, tls, isDown } = server;
    const kinds = Object.keys(urls) as readonly EndpointKind[];
    const at = this.#backends.findIndex(
      ({ row }) =>
        row.label === address.host &&
        kinds.every((kind) => (row[kind] ?? urls[kind]) === urls[kind]) &&
        (tls === null || row.tls === undefined || JSON.stringify(row.tls) === JSON.stringify(tls)),
    );
    const before = this.#backends[at];
    const settings = tls && Object.keys(tls).length > 0 ? { tls } : {};
    if (before) {
      const { drained, ...row } = before.row;
      const stays = drained === true && isDown ? { drained } : {};
      this.#backends[at] = { ...before, row: { ...row, ...settings, ...stays, ...urls } };
      return row.id;
    }
    const ofHost = /[a-z]/i.test(address.host) ? (address.host.split(".")[0] ?? "") : address.host;
    const id = freeId(idOf(server.name ?? ofHost, "backend"), this.#targetIds);
    const row = { id, label: address.host, ...urls, ...settings, ...(isDown && { drained: true }) };
    this.#backends.push({ row, origin });
    return id;
  }

  /** The one backend, or a pool of several. */
  #target(
    { origin }: ProxyRoute,
    group: ProxyGroup,
    members: ReadonlyMap<string, ProxyServer>,
    notes: string[],
  ): string {
    const [only] = members.keys();
    if (members.size === 1 && only !== undefined) return only;
    notes.push(
      "Its clients count as mixed, the strictest, until you say what they do: they change members only as the guard allows.",
    );
    const found = [...members];
    const firsts = found.filter(([, { isBackup }]) => !isBackup);
    const backups = found.filter(([, { isBackup }]) => isBackup);
    const balance: BalancePolicy = backups.length > 0 ? "primary" : group.balance;
    if (backups.length > 0 && firsts.length > 1)
      notes.push("Several servers with a backup behind them: taken over as an order of preference.");
    const weights = Object.fromEntries(
      found
        .filter(([, { weight }]) => weight !== 1)
        .map(([id, { weight }]) => [id, Math.min(weight, 256)] as const),
    );
    // Zero for all would leave nobody to take a connection.
    const hasShares = Object.keys(weights).length > 0 && found.some(([, { weight }]) => weight > 0);
    const row = {
      members: [...firsts, ...backups].map(([id]) => id),
      balance,
      ...(balance !== "primary" && hasShares && { weights }),
    };
    const same = this.#pools.find(
      ({ row: { id: _, ...other } }) => JSON.stringify(other) === JSON.stringify(row),
    );
    if (same) return same.row.id;
    const id = freeId(idOf(group.name, "pool"), this.#targetIds);
    this.#pools.push({ row: { id, ...row }, origin });
    return id;
  }
}

const spoken: Readonly<Record<EndpointKind, string>> = {
  amps: "a client",
  websocket: "a WebSocket",
  admin: "an admin",
  replication: "a replication",
};

function kindOf(
  { carries, upgrades = false }: ProxyRoute,
  group: ProxyGroup,
  { address }: ProxyServer,
): { readonly kind: EndpointKind; readonly other: string | null } {
  const guess = guessEndpoint(address);
  if (group.kind !== null) return { kind: group.kind, other: null };
  if (carries === "tcp") return guess;
  return { kind: upgrades && guess.kind !== "admin" ? "websocket" : "admin", other: guess.other };
}

/** What a route needs of one backend. */
interface Wanted {
  readonly server: ProxyServer;
  readonly urls: Readonly<Partial<Record<EndpointKind, string>>>;
}

/** Endpoints of several kinds at one host belong to one backend; two of one kind do not. */
function gather(
  wanted: Map<string, Wanted>,
  server: ProxyServer,
  { kind, passes }: { readonly kind: EndpointKind; readonly passes: boolean },
): void {
  const [plain = "", secure = ""] = schemesOf(kind);
  const url = `${server.tls || passes ? secure : plain}://${formatHostPort(server.address)}`;
  const place = `${server.address.host} ${JSON.stringify(server.tls)}`;
  const key = wanted.get(place)?.urls[kind] === undefined ? place : `${place} ${url}`;
  wanted.set(key, {
    server: wanted.get(key)?.server ?? server,
    urls: { ...wanted.get(key)?.urls, [kind]: url },
  });
}

function serversOf({ groups }: ProxyRoute): readonly ProxyServer[] {
  return groups.flatMap(({ servers }) => servers);
}

function rowOf(
  { name, listen, path, host, keepPrefix = false, tls, serverNames }: ProxyRoute,
  {
    kind,
    target,
    passes,
  }: { readonly kind: EndpointKind; readonly target: string; readonly passes: boolean },
): RouteConfig {
  const isPath = path !== undefined || host !== undefined;
  return {
    id: idOf(name, "route"),
    listen: formatHostPort(listen),
    ...(!isPath && { transport: kind }),
    ...(path !== undefined && { path }),
    ...(host !== undefined && { host }),
    target,
    ...(path !== undefined && path !== "/" && keepPrefix && { keepPrefix }),
    ...(tls && { tls }),
    ...(passes && { tlsPassthrough: true }),
    ...(serverNames && { serverNames }),
  };
}
