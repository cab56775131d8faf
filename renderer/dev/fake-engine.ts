/** Made-up observations of a configuration, moving as real ones would. */
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { EndpointKind, RouteConfig, ShuntConfig } from "../../app/contract/config.ts";
import type { Failure } from "../../app/contract/failures.ts";
import type {
  BackendStatus,
  ByteCounts,
  ConnectionKind,
  ConnectionStatus,
  RouteHour,
  RouteStatus,
} from "../../app/contract/snapshot.ts";

const kinds: readonly EndpointKind[] = ["amps", "websocket", "admin", "replication"];
const downBackends = new Set(["uat-1"]);
const takenListen = "127.0.0.1:9008";

/** Repeats itself from run to run, so that pictures and tests do. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

const portTaken: Failure = {
  code: "PORT_IN_USE",
  hop: "listener",
  message: `${takenListen} is in use by java (pid 4711).`,
  advice: "Stop that program, or give the route another address.",
  owner: "java (pid 4711)",
  freeListen: "127.0.0.1:9009",
};

function targetOf(
  route: RouteConfig,
  config: ShuntConfig,
): Pick<RouteStatus, "targetHealth" | "targetReason"> {
  const members = config.pools.find((pool) => pool.id === route.target)?.members ?? [route.target];
  if (members.some((id) => downBackends.has(id)))
    return {
      targetHealth: "down",
      targetReason: "tcp://uat-amps.example.com:9007 refused the connection 14 s ago.",
    };
  return route.enabled === false
    ? { targetHealth: "unknown", targetReason: null }
    : { targetHealth: "up", targetReason: null };
}

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const troubleOfViews = { at: ago(720_000), reason: "tcp://prod-2:9007 refused the connection." };

function fakeSince(state: RouteStatus["state"], targetDown: boolean): string {
  return ago(targetDown ? 14_000 : state === "stopped" ? 190_000_000 : 5_399_000);
}

/** A route's first state under a configuration, its figures kept from before. */
export function fakeRoute(
  route: RouteConfig,
  config: ShuntConfig,
  before: RouteStatus | undefined,
): RouteStatus {
  const listen = /^\d+$/.test(route.listen) ? `127.0.0.1:${route.listen}` : route.listen;
  const stopped = route.enabled === false;
  const failed = !stopped && listen === takenListen;
  const held = !stopped && route.clients === "queue-consumers";
  const state = stopped ? "stopped" : failed ? "failed" : held ? "held" : "listening";
  const heldReason =
    "prod-1 → prod-2 acknowledges asynchronously (seen 40 s ago): queue consumers may not fail over.";
  return {
    id: route.id,
    state,
    reason: failed ? portTaken.message : held ? heldReason : null,
    failure: failed
      ? portTaken
      : held
        ? {
            code: "ROUTE_HELD",
            hop: "route",
            message: heldReason,
            advice: "Wait for prod-1, or promote a member deliberately.",
          }
        : null,
    listen,
    sessionListen: null,
    since: before?.since ?? fakeSince(state, targetOf(route, config).targetHealth === "down"),
    lastTrouble: before?.lastTrouble ?? (route.id === "views" ? troubleOfViews : null),
    target: route.target,
    exposed: /^(0\.0\.0\.0|\[::\]):/.test(listen),
    ...targetOf(route, config),
    conditions: before?.conditions ?? null,
    connections: before?.connections ?? { open: 0, total: 0, refused: held ? 4 : 0 },
    bytes: before?.bytes ?? { toBackend: 0, toClient: 0 },
    rate: { toBackend: 0, toClient: 0 },
  };
}

export function fakeBackend(config: ShuntConfig["backends"][number], n: number): BackendStatus {
  const down = downBackends.has(config.id);
  const at = new Date().toISOString();
  return {
    id: config.id,
    health: down ? "down" : config.id === "dev-1" ? "unknown" : "up",
    reason: down
      ? "Connection refused."
      : config.id === "dev-1"
        ? "Not used by an enabled route, so not probed."
        : null,
    connections: 0,
    bytes: { toBackend: 0, toClient: 0 },
    rate: { toBackend: 0, toClient: 0 },
    load:
      config.admin && !down
        ? { cpu: 0.31 + (n % 2) * 0.58, memory: 0.62, clients: 118 - (n % 2) * 40, at }
        : null,
    instanceName: config.admin ? `AMPS-${config.id.toUpperCase()}` : null,
    endpoints: kinds
      .filter((kind) => config[kind])
      .map((kind) => ({
        kind,
        url: config[kind] as string,
        health: down ? "down" : config.id === "dev-1" ? "unknown" : "up",
        reason: down
          ? kind === "amps"
            ? "Connection refused: is AMPS running?"
            : "The name has no address here."
          : null,
        latencyMs: config.id === "dev-1" ? null : 1.4 + n * 8,
        checkedAt: config.id === "dev-1" ? null : at,
      })),
  };
}

const clientNames = [
  "order-gw-1",
  "order-gw-2",
  "view-server-7",
  "risk-calc",
  "blotter-emea",
  "pnl-batch",
  null,
];
const users = ["svc_orders", "svc_view", "svc_risk", "jdoe", null];

/** One made-up connection on a route. */
export function fakeConnection(
  n: number,
  route: RouteConfig,
  config: ShuntConfig,
  random: () => number,
): ConnectionStatus {
  const members = config.pools.find((pool) => pool.id === route.target)?.members ?? [route.target];
  const backend = members[Math.floor(random() * members.length)] ?? route.target;
  const pathKinds: readonly ConnectionKind[] = ["websocket", "preflight", "admin"];
  const kind = route.transport ?? pathKinds[Math.floor(random() * 3)] ?? "admin";
  const named = kind !== "admin" && kind !== "replication";
  return {
    id: `c${n}`,
    route: route.id,
    backend,
    kind,
    client: `127.0.0.1:${49152 + ((n * 7919) % 16000)}`,
    since: new Date(Date.now() - random() * 9_000_000).toISOString(),
    ampsClient: named ? (clientNames[Math.floor(random() * clientNames.length)] ?? null) : null,
    user: named ? (users[Math.floor(random() * users.length)] ?? null) : null,
    clientVersion: "5.3.4.0:python",
    messageType: named ? "json" : null,
    role: route.clients === "subscribers" ? (n % 9 === 4 ? "publishers" : "subscribers") : null,
    why: members.length > 1 ? "round-robin" : "only target",
    state: random() > 0.97 ? "half-closed" : "open",
    bytes: { toBackend: Math.floor(random() * 4e6), toClient: Math.floor(random() * 9e7) },
  };
}

/** How much a route carries, in bytes per second; some much, some little, some by waves. */
export function fakeRate(route: RouteStatus, n: number, tick: number, random: () => number): ByteCounts {
  if (route.connections.open === 0 || route.state !== "listening") return { toBackend: 0, toClient: 0 };
  const size = [2.4e6, 4.1e5, 18e3, 9e2, 7e4][n % 5] ?? 1e4;
  const wave = 0.55 + 0.4 * Math.sin(tick / (4 + n)) + random() * 0.25;
  return { toBackend: Math.round(size * wave * 0.16), toClient: Math.round(size * wave) };
}

export function firstActivity(): readonly ActivityEntry[] {
  const at = (secondsAgo: number): string => new Date(Date.now() - secondsAgo * 1000).toISOString();
  const rows: readonly Omit<ActivityEntry, "sequence">[] = [
    { time: at(5400), severity: "info", event: "engine-started", message: "Shunt started with 9 routes." },
    {
      time: at(5399),
      severity: "info",
      event: "route-listening",
      route: "orders-in",
      message: "orders-in listens on 127.0.0.1:9007.",
    },
    {
      time: at(5399),
      severity: "error",
      event: "route-failed",
      code: "PORT_IN_USE",
      route: "uat-web",
      message: portTaken.message,
    },
    {
      time: at(5398),
      severity: "info",
      event: "backend-up",
      backend: "prod-1",
      message: "prod-1 is up: amps answered in 1.4 ms.",
    },
    {
      time: at(3100),
      severity: "warning",
      event: "connection-refused",
      code: "UNKNOWN_PATH",
      route: "p1",
      message:
        "127.0.0.1:51022 asked for /prod1/amps/json, which is no route’s path; known are /prod-1 and /prod-2.",
      count: 12,
    },
    {
      time: at(2400),
      severity: "warning",
      event: "galvanometer-refused",
      code: "UNKNOWN_TARGET",
      backend: "prod-1",
      message:
        "The Galvanometer of prod-1 asked for 10.9.9.9:8085, which no backend and no replication statistics name. If it is an AMPS instance, add a backend with admin http://10.9.9.9:8085.",
      target: { address: "10.9.9.9:8085", use: "admin" },
    },
    {
      time: at(1500),
      severity: "info",
      event: "connection-closed",
      route: "orders-in",
      backend: "prod-1",
      connection: "c12",
      message: "order-gw-1 closed after 41 min: 18.2 MB to the client, 3.10 MB to prod-1.",
    },
    {
      time: at(620),
      severity: "error",
      event: "backend-down",
      code: "CONNECT_REFUSED",
      backend: "uat-1",
      message: "uat-1 is down: tcp://uat-amps.example.com:9007 refused the connection.",
    },
    {
      ...{ time: at(610), severity: "error", event: "tunnel-down", code: "TUNNEL_LOST", tunnel: "corp" },
      message: "Tunnel corp was lost: the server ended the connection.",
    },
    {
      time: at(600),
      severity: "warning",
      event: "connection-refused",
      code: "CONNECT_REFUSED",
      route: "uat-in",
      backend: "uat-1",
      message: "A connection to uat-in was refused: uat-1 is down.",
      count: 37,
    },
    {
      time: at(40),
      severity: "warning",
      event: "route-held",
      code: "ROUTE_HELD",
      route: "queue-workers",
      message: "queue-workers is held: prod-1 → prod-2 acknowledges asynchronously.",
    },
    {
      time: at(12),
      severity: "info",
      event: "connection-closed",
      route: "views",
      backend: "prod-2",
      connection: "c31",
      message: "blotter-emea closed after 3 min: 912 KB to the client.",
    },
  ];
  return rows.map((row, index) => ({ ...row, sequence: index + 1 }));
}

/** An hour with a busy middle, the same for one id each time. */
export function fakeHour(id: string): RouteHour {
  const random = seededRandom(id.length);
  const swell = (n: number) => 0.35 + Math.max(0, Math.sin(n / 38));
  const samples = Array.from({ length: 240 }, (_, n) => swell(n) * (0.7 + random() * 0.5));
  return {
    stepSeconds: 15,
    toClient: samples.map((sample) => Math.round(sample * 910_000)),
    toBackend: samples.map((sample) => Math.round(sample * 64_000)),
    open: samples.map((_, n) => 2 + Math.round(swell(n) * 5)),
  };
}
