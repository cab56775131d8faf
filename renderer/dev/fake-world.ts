/** What a made-up engine knows and how that changes: configuration, snapshot and activity, and the events of them. */
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { SavedConfig } from "../../app/contract/commands.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { LiveEvent } from "../../app/contract/live.ts";
import type { KeptSecret } from "../../app/contract/questions.ts";
import type { SandboxStatus } from "../../app/contract/sandbox.ts";
import type {
  BackendStatus,
  ByteCounts,
  ConnectionStatus,
  RouteStatus,
  Snapshot,
} from "../../app/contract/snapshot.ts";
import { deskConfig, emptyConfig, withRoutes } from "./fake-config.ts";
import {
  fakeBackend,
  fakeConnection,
  fakeRate,
  fakeRoute,
  firstActivity,
  seededRandom,
} from "./fake-engine.ts";
import { fakePool } from "./fake-pool.ts";
import { fakeSecrets, fakeTunnel } from "./fake-reach.ts";
import { stoppedSandbox } from "./fake-sandbox.ts";

export interface FakeWorldOptions {
  readonly scenario: "desk" | "empty";
  /** That many made-up routes instead of the desk's; 0 keeps those. */
  readonly routes: number;
  /** How many connections each running route begins with. */
  readonly connectionsPerRoute: number;
}

/** What is known at the moment. */
interface FakeFacts {
  readonly saved: SavedConfig;
  readonly snapshot: Snapshot;
  readonly activity: readonly ActivityEntry[];
  readonly secrets: readonly KeptSecret[];
  readonly sandbox: SandboxStatus;
}

export interface FakeWorld {
  facts(): FakeFacts;
  emit(event: LiveEvent): void;
  onEvent(listener: (event: LiveEvent) => void): () => void;
  /** Puts other rows into the snapshot and tells of the change. */
  publish(next: Partial<Snapshot>): void;
  note(entry: Omit<ActivityEntry, "sequence" | "time">): void;
  /** Saves and applies. */
  put(config: ShuntConfig): SavedConfig;
  setSandbox(status: SandboxStatus): SandboxStatus;
  setSecrets(kept: readonly KeptSecret[]): readonly KeptSecret[];
  closeConnection(id: string): void;
  /** The last minute of every route. */
  history(): Record<string, readonly ByteCounts[]>;
  /** Whether exports take until they are stopped. */
  isExportHeld(): boolean;
  holdExports(on: boolean): void;
  /** Lets a moment pass, in which every rate and counter moves. */
  pass(): void;
  /** One route alone, by its first connection, has carried more to its clients, in bytes; where a rate is given, that is its rate from now on. */
  carry(id: string, bytes: number, rate?: number): void;
}

const nothing: Snapshot = {
  revision: 0,
  time: new Date().toISOString(),
  routes: [],
  backends: [],
  pools: [],
  tunnels: [],
  connections: [],
  openConnections: 0,
};

export function createFakeWorld(options: FakeWorldOptions): FakeWorld {
  const { scenario } = options;
  const random = seededRandom(7);
  const listeners = new Set<(event: LiveEvent) => void>();
  let facts: FakeFacts = {
    saved: {
      revision: 1,
      config: scenario === "empty" ? emptyConfig : withRoutes(deskConfig, options.routes),
      notice: null,
    },
    snapshot: nothing,
    activity: scenario === "empty" ? [] : firstActivity(),
    secrets: scenario === "empty" ? [] : fakeSecrets,
    sandbox: stoppedSandbox,
  };
  let tick = 0;
  let exportsHeld = false;

  const emit = (event: LiveEvent): void => listeners.forEach((listener) => listener(event));

  function publish(next: Partial<Snapshot>): void {
    const before = facts.snapshot;
    const rows = next.connections ?? before.connections;
    const snapshot = {
      ...before,
      ...next,
      openConnections: rows.length,
      revision: before.revision + 1,
      time: new Date().toISOString(),
    };
    facts = { ...facts, snapshot };
    const { revision, time, routes, backends, pools, tunnels, connections } = snapshot;
    emit({
      type: "changes",
      changes: {
        revision,
        time,
        routes: wholly(before.routes, routes),
        backends: wholly(before.backends, backends),
        pools: wholly(before.pools, pools),
        tunnels: wholly(before.tunnels, tunnels),
        connections: wholly(before.connections, connections),
        openConnections: connections.length,
      },
    });
  }

  function note(entry: Omit<ActivityEntry, "sequence" | "time">): void {
    const { activity } = facts;
    const sequence = (activity.at(-1)?.sequence ?? 0) + 1;
    const added = { ...entry, sequence, time: new Date().toISOString() };
    facts = { ...facts, activity: [...activity, added] };
    emit({ type: "activity", entries: [added] });
  }

  function apply(config: ShuntConfig, first: boolean): void {
    const { snapshot } = facts;
    const before = new Map(snapshot.routes.map((route) => [route.id, route]));
    const routes = config.routes.map((route) => fakeRoute(route, config, before.get(route.id)));
    const live = new Set(
      routes
        .filter((route) => route.state === "listening" && route.targetHealth !== "down")
        .map((route) => route.id),
    );
    const connections = first
      ? config.routes
          .filter((route) => live.has(route.id))
          .flatMap((route) => Array.from({ length: options.connectionsPerRoute }, () => route))
          .map((route, index) => fakeConnection(index + 1, route, config, random))
      : snapshot.connections.filter((connection) => live.has(connection.route));
    publish({
      routes: counted(routes, connections),
      backends: config.backends.map((backend, n) => ({
        ...fakeBackend(backend, n),
        connections: connections.filter((c) => c.backend === backend.id).length,
      })),
      tunnels: config.tunnels.map(fakeTunnel),
      pools: config.pools.map((pool) => {
        const active = snapshot.pools.find((row) => row.id === pool.id)?.active ?? null;
        return fakePool(pool, config.routes, active ?? pool.members[0] ?? null);
      }),
      connections,
    });
  }

  apply(facts.saved.config, true);
  return {
    facts: () => facts,
    emit,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    publish,
    note,
    put(config) {
      const saved = { ...facts.saved, revision: facts.saved.revision + 1, config };
      facts = { ...facts, saved };
      apply(config, false);
      const message = `The configuration was applied: ${config.routes.length} routes.`;
      note({ severity: "info", event: "config-applied", message });
      emit({ type: "config", revision: saved.revision });
      return saved;
    },
    setSandbox(sandbox) {
      facts = { ...facts, sandbox };
      emit({ type: "sandbox", status: sandbox });
      return sandbox;
    },
    setSecrets(secrets) {
      facts = { ...facts, secrets };
      emit({ type: "secrets", kept: secrets });
      return secrets;
    },
    closeConnection(id) {
      const { routes, connections } = facts.snapshot;
      const left = connections.filter((connection) => connection.id !== id);
      publish({ connections: left, routes: counted(routes, left) });
      const message = `Connection ${id} was closed by the operator.`;
      note({ severity: "info", event: "connection-cut", connection: id, message });
    },
    history: () =>
      Object.fromEntries(
        facts.snapshot.routes.map((route, n) => [
          route.id,
          Array.from({ length: 60 }, (_, second) => fakeRate(route, n, tick - 60 + second, random)),
        ]),
      ),
    isExportHeld: () => exportsHeld,
    holdExports: (on) => void (exportsHeld = on),
    pass() {
      tick += 1;
      publish(moved(facts.snapshot, tick, random));
    },
    carry(id, bytes, rate) {
      const { routes, backends, connections } = facts.snapshot;
      const through = connections.find(({ route }) => route === id);
      // Routes and backends are all sent, as new objects; of the connections those that have changed.
      publish({
        routes: routes.map((row) => (row.id === id ? carried(row, bytes, rate) : structuredClone(row))),
        backends: backends.map((row) =>
          row.id === through?.backend ? carried(row, bytes, rate) : structuredClone(row),
        ),
        connections: connections.map((row) =>
          row === through ? { ...row, bytes: added(row.bytes, bytes) } : row,
        ),
      });
    },
  };
}

function added(bytes: ByteCounts, more: number): ByteCounts {
  return { ...bytes, toClient: bytes.toClient + more };
}

function carried<Row extends RouteStatus | BackendStatus>(row: Row, more: number, rate?: number): Row {
  const toClient = rate ?? row.rate.toClient;
  return { ...row, bytes: added(row.bytes, more), rate: { ...row.rate, toClient } };
}

/** All rows of a collection, changed or not, and the ids of those that are gone. */
function wholly<Row extends { readonly id: string }>(before: readonly Row[], rows: readonly Row[]) {
  const order = rows.map((row) => row.id);
  const there = new Set(order);
  return { set: rows, order, removed: before.map((row) => row.id).filter((id) => !there.has(id)) };
}

function counted(
  routes: readonly RouteStatus[],
  connections: readonly ConnectionStatus[],
): readonly RouteStatus[] {
  const openOf = new Map<string, number>();
  for (const { route } of connections) openOf.set(route, (openOf.get(route) ?? 0) + 1);
  return routes.map((route) => {
    const open = openOf.get(route.id) ?? 0;
    return {
      ...route,
      connections: { ...route.connections, open, total: Math.max(route.connections.total, open) },
    };
  });
}

/** The rows a moment later: every rate, counter and connection has moved. */
function moved(snapshot: Snapshot, tick: number, random: () => number): Partial<Snapshot> {
  const routes = snapshot.routes.map((route, n) => {
    const rate = fakeRate(route, n, tick, random);
    const { toBackend, toClient } = route.bytes;
    return {
      ...route,
      rate,
      bytes: { toBackend: toBackend + rate.toBackend, toClient: toClient + rate.toClient },
    };
  });
  const connections = snapshot.connections.map((connection) => ({
    ...connection,
    bytes: {
      toBackend: connection.bytes.toBackend + Math.floor(random() * 9000),
      toClient: connection.bytes.toClient + Math.floor(random() * 90000),
    },
  }));
  const backends = snapshot.backends.map((backend) => {
    const mine = routes.filter((route) => route.target === backend.id);
    const sum = (key: keyof ByteCounts): number => mine.reduce((total, route) => total + route.rate[key], 0);
    return { ...backend, rate: { toBackend: sum("toBackend"), toClient: sum("toClient") } };
  });
  return { routes, connections, backends };
}
