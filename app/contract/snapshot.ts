/**
 * What the engine observes. Plain data: it crosses threads, Electron's IPC and the local HTTP API unchanged.
 * Bytes are payload bytes on the backend's leg (integers); rates are bytes per second over the last whole second;
 * times are ISO 8601 UTC; loads are fractions of 1, except `clients`, a count.
 */
import type { ActiveConditions } from "./conditions.ts";
import type { ClientRole, EndpointKind } from "./config.ts";
import type { Failure } from "./failures.ts";

export type RouteState = "stopped" | "starting" | "listening" | "held" | "degraded" | "draining" | "failed";

/** `degraded`: some of the used endpoints, or of the pool's members, are down. `unknown`: not probed yet, or not used. */
export type Health = "up" | "degraded" | "down" | "unknown";

export interface ByteCounts {
  readonly toBackend: number;
  readonly toClient: number;
}

/**
 * Up to an hour of one route, oldest first, the three lists equally long: bytes per second both ways, and how many
 * connections were open at the end of each step. The last sample is at most `stepSeconds` old.
 */
export interface RouteHour {
  readonly stepSeconds: number;
  readonly toBackend: readonly number[];
  readonly toClient: readonly number[];
  readonly open: readonly number[];
}

export interface ConnectionCounts {
  readonly open: number;
  readonly total: number;
  /** Clients that were turned away: no backend, a held route, a request that was refused. */
  readonly refused: number;
}

/** A route listens on another port than configured, until Shunt ends or the route is stopped or moved. */
export interface SessionListen {
  /** The address that was wanted, `127.0.0.1:9007`. */
  readonly configured: string;
  /** Why that could not be had, in one sentence. */
  readonly why: string;
}

export interface LastTrouble {
  /** When it began. */
  readonly at: string;
  readonly reason: string | null;
}

export interface RouteStatus {
  readonly id: string;
  readonly state: RouteState;
  /** Why, for any state but plain `listening` and `stopped`; one sentence. */
  readonly reason: string | null;
  /** Since when it is in this state; a listener whose target goes down, or comes back, counts from then. */
  readonly since: string;
  /** When something was last wrong with it since Shunt started, also now: failed, held, degraded, its target down. */
  readonly lastTrouble: LastTrouble | null;
  /** The same as data: code, hop, advice, and a free address where a port is taken. */
  readonly failure: Failure | null;
  /** The normalised listen address, `127.0.0.1:9007`: the one that is bound where another port stands in. */
  readonly listen: string;
  /** What `listen` stands in for; null: it is as configured. */
  readonly sessionListen: SessionListen | null;
  readonly target: string;
  /** True where others than this machine can reach the listener. */
  readonly exposed: boolean;
  /** Health of what the route would use, apart from the listener's own state. */
  readonly targetHealth: Health;
  readonly targetReason: string | null;
  /** What the operator does to the route on purpose; null: nothing. */
  readonly conditions: ActiveConditions | null;
  readonly connections: ConnectionCounts;
  readonly bytes: ByteCounts;
  readonly rate: ByteCounts;
}

export interface EndpointStatus {
  readonly kind: EndpointKind;
  /** As configured: `tcp://amps-prod-1:9007`. */
  readonly url: string;
  readonly health: Health;
  readonly reason: string | null;
  /** How long the last probe took, in milliseconds. */
  readonly latencyMs: number | null;
  readonly checkedAt: string | null;
}

export interface BackendLoad {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly clients: number | null;
  readonly at: string;
}

export interface BackendStatus {
  readonly id: string;
  readonly health: Health;
  readonly reason: string | null;
  /** Open connections through Shunt. */
  readonly connections: number;
  readonly bytes: ByteCounts;
  readonly rate: ByteCounts;
  readonly load: BackendLoad | null;
  readonly endpoints: readonly EndpointStatus[];
  /** The instance's own name, read from the admin endpoint. */
  readonly instanceName: string | null;
}

/**
 * What a replication link counts as. `disconnected`: sync, and the peer is away. `downgraded`: was sync and is async, or
 * reads sync again and has not caught up for sure. `none`: the statistics name no such link.
 */
export type LinkState = "sync" | "disconnected" | "downgraded" | "async" | "none" | "unknown";

export interface LinkStatus {
  readonly from: string;
  readonly to: string;
  readonly type: "sync" | "async" | "unknown";
  readonly source: "observed" | "declared";
  readonly connected: boolean | null;
  readonly secondsBehind: number | null;
  /** When it was last seen. */
  readonly at: string | null;
  readonly state: LinkState;
  /** In words: `amps-a→amps-b was downgraded 3 min ago, 41 s behind`. */
  readonly says: string;
}

/** What taking over from the active member would mean for guarded clients. `warn`: allowed, with something to know. */
export interface TakeoverStatus {
  readonly to: string;
  readonly verdict: "allow" | "warn" | "refuse";
  /** In words, with the link. */
  readonly why: string;
  /** Why it takes no clients now, or null. */
  readonly away: string | null;
}

/** The named clients (`sticky`) that belong to a member. */
export interface HomeStatus {
  readonly member: string;
  /** How many client names are remembered. */
  readonly clients: number;
  /** What would become of them if it failed now. */
  readonly whatIf: string;
}

export interface PoolStatus {
  readonly id: string;
  /** The member that guarded clients go to. */
  readonly active: string | null;
  /** Since when; null where that is not known. */
  readonly activeSince: string | null;
  /** Why guarded routes are held, or null. */
  readonly held: string | null;
  /** What would happen if the active member failed now; null where no guarded route uses the pool. */
  readonly whatIf: string | null;
  readonly takeovers: readonly TakeoverStatus[];
  readonly links: readonly LinkStatus[];
  /** What plain subscribers may meet at some member, a sentence each; empty where no enabled route of theirs uses the pool. */
  readonly staleData: readonly string[];
  /** Members that named clients belong to; empty where no enabled route of the pool is sticky. */
  readonly homes: readonly HomeStatus[];
}

/** `unknown`: nothing has used it yet. */
export interface TunnelStatus {
  readonly id: string;
  readonly state: "up" | "connecting" | "down" | "unknown";
  readonly reason: string | null;
  /** The same as data, with what to do about it. */
  readonly failure: Failure | null;
  /** When it is tried again by itself, ISO 8601; null where it is not. */
  readonly retryAt: string | null;
  /** Nothing is tried until the operator asks for it. */
  readonly stopped: boolean;
  /** What the operator is being asked, as `the password of ops@jump.example.com`; null where nothing. */
  readonly question: string | null;
}

/** How the bytes of a connection travel. */
export type ConnectionKind = "amps" | "websocket" | "preflight" | "admin" | "replication";

export interface ConnectionStatus {
  readonly id: string;
  /** Empty for a Galvanometer's, which no route carries or counts; `why` then names whose it is. */
  readonly route: string;
  readonly backend: string;
  readonly kind: ConnectionKind;
  /** The client's `address:port`. */
  readonly client: string;
  readonly since: string;
  /** From the logon, where it could be seen passively; null before or without one. */
  readonly ampsClient: string | null;
  readonly user: string | null;
  /** The client library's version as it states it, `5.3.4.0:javascript`. */
  readonly clientVersion: string | null;
  readonly messageType: string | null;
  /** The strictest thing it was seen to do; null where it is not watched (all but `subscribers` routes), or did nothing yet. */
  readonly role: Exclude<ClientRole, "mixed"> | null;
  /** Why this backend: `only target`, `round-robin`, … */
  readonly why: string;
  /** `half-closed`: one side has said its last and the other still speaks. */
  readonly state: "connecting" | "open" | "half-closed" | "closing";
  readonly bytes: ByteCounts;
}

export interface Snapshot {
  /** Grows by one with every change set; a mirror drops what is older than it has. */
  readonly revision: number;
  readonly time: string;
  readonly routes: readonly RouteStatus[];
  readonly backends: readonly BackendStatus[];
  readonly pools: readonly PoolStatus[];
  readonly tunnels: readonly TunnelStatus[];
  /** Empty where they were not asked for. */
  readonly connections: readonly ConnectionStatus[];
  /** How many there are. */
  readonly openConnections: number;
}

/** Rows of one collection that are new or different, and the ids of those that are gone. */
export interface RowChanges<Row> {
  readonly set?: readonly Row[];
  readonly removed?: readonly string[];
  /** The ids in their new order; absent where those that stay keep theirs and new ones come last. */
  readonly order?: readonly string[];
}

export interface SnapshotChanges {
  readonly revision: number;
  readonly time: string;
  readonly routes?: RowChanges<RouteStatus>;
  readonly backends?: RowChanges<BackendStatus>;
  readonly pools?: RowChanges<PoolStatus>;
  readonly tunnels?: RowChanges<TunnelStatus>;
  /** For who lists them alone. */
  readonly connections?: RowChanges<ConnectionStatus>;
  readonly openConnections?: number;
}
