/**
 * The configuration document, version 1: what the operator wants. One JSON file that electron-store keeps,
 * `shunt serve` reads and export/import exchange. What the engine observes is in `snapshot.ts`; the two never
 * share a type.
 */

/** The four things an AMPS instance can listen for (amps-facts 1.1). */
export type EndpointKind = "amps" | "websocket" | "admin" | "replication";

/** What the clients of a route do; decides what the failover guard allows. `mixed` is treated as the strictest. */
export type ClientRole = "publishers" | "queue-consumers" | "bookmark-subscribers" | "subscribers" | "mixed";

export type BalancePolicy = "primary" | "round-robin" | "least-connections" | "least-load";

/** Which figure of the admin statistics `least-load` compares. */
export type LoadFigure = "cpu" | "memory" | "clients";

/** TLS towards a backend. Paths may begin with `~/`. */
export interface BackendTls {
  readonly caFile?: string;
  readonly serverName?: string;
  readonly clientCertFile?: string;
  readonly clientKeyFile?: string;
  /** Default true. */
  readonly verify?: boolean;
}

/** TLS spoken by a route's own listener. */
export interface ListenerTls {
  readonly certFile: string;
  readonly keyFile: string;
}

interface TunnelCommon {
  readonly id: string;
  /** `host:port` of the bastion or proxy; of a bastion also a host alone, whose port ~/.ssh/config may say. */
  readonly address: string;
  readonly user?: string;
  readonly note?: string;
}

export interface SshTunnelConfig extends TunnelCommon {
  readonly type: "ssh";
  /** Default: what ~/.ssh/config says, else the usual files. */
  readonly identityFile?: string;
  /** The file whose host keys are trusted, besides those accepted in Shunt; default: what ~/.ssh/config says, else ~/.ssh/known_hosts. */
  readonly knownHosts?: string;
}

export interface ProxyTunnelConfig extends TunnelCommon {
  readonly type: "socks5" | "http-connect";
}

/** How a backend is reached when not directly. */
export type TunnelConfig = SshTunnelConfig | ProxyTunnelConfig;

/** One AMPS instance: up to four endpoints, as URLs whose scheme says TLS. */
export interface BackendConfig {
  readonly id: string;
  readonly label?: string;
  /** Free text such as `prod` or `uat`; groups routes, and `prod` makes `adminAccess` default to `read-only`. */
  readonly environment?: string;
  /** The id of a tunnel. */
  readonly via?: string;
  /** `tcp://host:port` or `tcps://host:port`. */
  readonly amps?: string;
  /** `ws://host:port` or `wss://host:port`. */
  readonly websocket?: string;
  /** `http://host:port` or `https://host:port`. */
  readonly admin?: string;
  /** `tcp://host:port` or `tcps://host:port`. */
  readonly replication?: string;
  readonly adminAccess?: "full" | "read-only";
  readonly tls?: BackendTls;
  /** The instance's own `Name` where it differs from the id: replication statistics name instances. */
  readonly instanceName?: string;
  /** True: takes no new connections. */
  readonly drained?: boolean;
  /** Words to find, group and select by, such as `emea`: at most 16 of 1 to 40 characters, without spaces and commas; unique whatever their case. */
  readonly tags?: readonly string[];
  readonly note?: string;
}

/** A replication link whose kind the operator vouches for, where statistics cannot be read. */
export interface DeclaredLink {
  readonly from: string;
  readonly to: string;
  readonly type: "sync" | "async";
}

/** Backends that can stand in for one another. */
export interface PoolConfig {
  readonly id: string;
  /** Backend ids, in order of preference. */
  readonly members: readonly string[];
  /** Default `primary`. */
  readonly balance?: BalancePolicy;
  readonly load?: LoadFigure;
  /** Backend id → share, whole numbers from 0 to 256; a member not named counts 1. */
  readonly weights?: Readonly<Record<string, number>>;
  readonly links?: readonly DeclaredLink[];
  /** `host:port` where HAProxy's agent-check is answered. */
  readonly agent?: string;
  readonly note?: string;
}

/** What an operator defines: a local address (and a path or host, on a shared port) → a backend or a pool. */
export interface RouteConfig {
  readonly id: string;
  /** `host:port`, `[v6]:port`, or a port alone, which means `localhost`: 127.0.0.1 and ::1. */
  readonly listen: string;
  /** Port routes only: which endpoint of the target the bytes go to. */
  readonly transport?: EndpointKind;
  /** Path routes only: a prefix such as `/prod-1`, matched on whole segments. */
  readonly path?: string;
  /** Path routes only: a Host name such as `prod-1.localhost`, instead of or beside `path`. */
  readonly host?: string;
  /** The id of a backend or a pool. */
  readonly target: string;
  /** Default `mixed`. */
  readonly clients?: ClientRole;
  /**
   * Guarded clients on a balanced pool: each AMPS client name returns to the member that took it last, and goes elsewhere
   * only where it might fail over. Port routes of `amps` only: elsewhere the name comes after the dial.
   */
  readonly sticky?: "client-name";
  /**
   * Routes of `subscribers` only: a connection that is seen to publish, to consume a queue or to subscribe with a bookmark
   * is closed, before that command is passed on. Default false: it is told, and may be closed by hand.
   */
  readonly enforceRole?: boolean;
  /** Who answers the 101 of an `http_preflight` client. Default `answer`: Shunt itself. */
  readonly preflight?: "answer" | "pass";
  /** Path routes: forward the path with its prefix. Default false. */
  readonly keepPrefix?: boolean;
  /** Further Host names under which requests are accepted, beside the listener's own and loopback. */
  readonly hosts?: readonly string[];
  /** Further browser origins (`https://desk.example.com`) from which requests are accepted. */
  readonly origins?: readonly string[];
  readonly tls?: ListenerTls;
  /**
   * Port routes to a TLS endpoint: the client's TLS goes through to the backend byte for byte, with its certificate, and
   * Shunt speaks and sees none. Default false.
   */
  readonly tlsPassthrough?: boolean;
  /**
   * With `tlsPassthrough` only: the server names (SNI, RFC 6066) of the route's clients, in lower case; `*.example.com` is any
   * one label. Routes that pass TLS through share an address by them; at most one of those has none, and takes all others.
   */
  readonly serverNames?: readonly string[];
  /** Default true. A disabled route is kept and not listened on. */
  readonly enabled?: boolean;
  /** Words to find, group and select by, such as `emea`: at most 16 of 1 to 40 characters, without spaces and commas; unique whatever their case. */
  readonly tags?: readonly string[];
  readonly note?: string;
}

export interface ShuntConfig {
  readonly version: 1;
  readonly tunnels: readonly TunnelConfig[];
  readonly backends: readonly BackendConfig[];
  readonly pools: readonly PoolConfig[];
  readonly routes: readonly RouteConfig[];
}

/** One thing wrong with a document: where (`routes[2].listen`) and what would be right, the value quoted. */
export interface ConfigProblem {
  readonly path: string;
  readonly message: string;
}
