/** What an engine has to do, before any syntax: listeners, their routes, and the groups of servers behind them. */
import type { BalancePolicy, EndpointKind, ListenerTls, RouteConfig } from "../../contract/config.ts";
import type { HostPort } from "../../config/address.ts";
import type { ListenerNames } from "../../http/origin-guard.ts";

export type EngineName = "nginx" | "haproxy" | "envoy";

/** TLS towards a server. */
export interface ServerTls {
  readonly verify: boolean;
  /** The name that its certificate must have. */
  readonly name: string;
  readonly isAddress: boolean;
  readonly caFile: string | null;
  readonly client: ListenerTls | null;
}

export interface ServerPlan {
  readonly backend: string;
  /** Where the engine connects: the backend's own address, or the local end of a tunnel. */
  readonly dial: HostPort;
  /** The backend's own `host:port`, for Host lines and redirects. */
  readonly authority: string;
  readonly tls: ServerTls | null;
  readonly weight: number;
  readonly isBackup: boolean;
  /** Takes no new connections. */
  readonly isDrained: boolean;
  /** The admin endpoint, which health checks ask. */
  readonly check: {
    readonly dial: HostPort;
    readonly authority: string;
    readonly tls: ServerTls | null;
  } | null;
  /** HAProxy: where and how Shunt is asked about this server. */
  readonly agent: { readonly address: HostPort; readonly question: string } | null;
  readonly comments: readonly string[];
}

export interface GroupPlan {
  /** `orders-in-amps`. */
  readonly name: string;
  readonly kind: EndpointKind;
  readonly balance: BalancePolicy;
  /** Only Shunt's word brings a server in: until then none takes connections. */
  readonly followsAgent: boolean;
  readonly servers: readonly ServerPlan[];
  readonly comments: readonly string[];
}

export interface RoutePlan {
  readonly route: RouteConfig;
  /** `/` where the route matches by host alone, and on port routes. */
  readonly prefix: string;
  readonly isReadOnly: boolean;
  readonly groups: Readonly<Partial<Record<EndpointKind, GroupPlan>>>;
  readonly comments: readonly string[];
}

export interface ListenerPlan {
  /** `127_0_0_1_8080`: stable, and a name in every engine's syntax. */
  readonly name: string;
  readonly bind: HostPort;
  /** `tcp`: bytes of one route, `names`: of several, told apart by TLS server name. `websocket` and `admin`: HTTP of one port route. `paths`: path routes. */
  readonly kind: "tcp" | "names" | "websocket" | "admin" | "paths";
  readonly tls: ListenerTls | null;
  readonly names: ListenerNames;
  readonly routes: readonly RoutePlan[];
  /** Server names that nobody is to have: of routes that are stopped, or not in the file. */
  readonly shutNames: readonly string[];
}

/** Bytes as they come, and no HTTP. */
export function carriesBytes({ kind }: Pick<ListenerPlan, "kind">): boolean {
  return kind === "tcp" || kind === "names";
}

/** A way through an SSH bastion that has to stand beside the engine. */
export interface TunnelForward {
  readonly tunnel: string;
  readonly local: HostPort;
  readonly remote: HostPort;
}

export interface ExportPlan {
  readonly listeners: readonly ListenerPlan[];
  readonly forwards: readonly TunnelForward[];
  /** Of the engine's own page, on loopback. */
  readonly statsPort: number;
  /** Of the whole file: what it is, what it needs. */
  readonly comments: readonly string[];
  /** Routes that are not in the file, and why. */
  readonly absent: readonly string[];
}
