/** A bridge to an engine that is made up: for work on the UI and its tests. Never part of the shipped build. */
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { Bridge } from "../../app/contract/bridge.ts";
import type { CommandHandlers, CommandName, Reply, SavedConfig } from "../../app/contract/commands.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { FailureCode } from "../../app/contract/failures.ts";
import type { LiveEvent } from "../../app/contract/live.ts";
import type { SandboxStatus } from "../../app/contract/sandbox.ts";
import type { ByteCounts, ConnectionStatus, RouteStatus, Snapshot } from "../../app/contract/snapshot.ts";
import {
  checkFakeConfig,
  deskConfig,
  emptyConfig,
  withoutSandboxParts,
  withRoutes,
  withSandboxParts,
} from "./fake-config.ts";
import {
  fakeBackend,
  fakeConnection,
  fakeHour,
  fakeRate,
  fakeRoute,
  firstActivity,
  seededRandom,
} from "./fake-engine.ts";
import { fakeExport } from "./fake-export.ts";
import { fakePool } from "./fake-pool.ts";
import { fakeImport } from "./fake-import.ts";
import { createFakeExaminations } from "./fake-examination.ts";
import { fakeSecrets, fakeTunnel } from "./fake-reach.ts";
import { fakeOpening } from "./fake-galvanometer.ts";
import { actOnFakeSandbox, runningSandbox, stoppedSandbox } from "./fake-sandbox.ts";

export interface FakeBridgeOptions {
  readonly scenario: "desk" | "empty";
  /** That many made-up routes instead of the desk's; 0 keeps those. */
  readonly routes: number;
  /** How many connections each running route begins with. */
  readonly connectionsPerRoute: number;
  readonly tickMs: number;
}

/** A fake, and what a test may do to it from outside. */
export interface FakeBridge extends Bridge {
  /** Saves a change as if another window had made it. */
  changeElsewhere(edit: (config: ShuntConfig) => ShuntConfig): void;
  /** Stops its clock. */
  end(): void;
}

declare global {
  interface Window {
    /** The fake behind the page, for tests. */
    fake?: FakeBridge;
  }
}

const collections = ["routes", "backends", "pools", "tunnels", "connections"] as const;
type Collection = (typeof collections)[number];

const ok = <T>(value: T): Reply<T> => ({ ok: true, value });
const failed = (code: FailureCode, message: string, advice: string): Reply<never> => ({
  ok: false,
  failure: { code, hop: "config", message, advice },
});

export function createFakeBridge(options: FakeBridgeOptions): FakeBridge {
  const random = seededRandom(7);
  const listeners = new Set<(event: LiveEvent) => void>();
  let saved: SavedConfig = {
    revision: 1,
    config: options.scenario === "empty" ? emptyConfig : withRoutes(deskConfig, options.routes),
    notice: null,
  };
  let sandbox: SandboxStatus = stoppedSandbox;
  let activity: readonly ActivityEntry[] = options.scenario === "empty" ? [] : firstActivity();
  let secrets = options.scenario === "empty" ? [] : fakeSecrets;
  const examinations = createFakeExaminations((event) => emit(event));
  let nextConnection = 1;
  let tick = 0;
  let snapshot: Snapshot = {
    revision: 0,
    time: new Date().toISOString(),
    routes: [],
    backends: [],
    pools: [],
    tunnels: [],
    connections: [],
  };

  const emit = (event: LiveEvent): void => listeners.forEach((listener) => listener(event));

  function publish(next: Partial<Snapshot>): void {
    snapshot = { ...snapshot, ...next, revision: snapshot.revision + 1, time: new Date().toISOString() };
    const whole = <Row extends { readonly id: string }>(rows: readonly Row[]) => ({
      set: rows,
      order: rows.map((row) => row.id),
    });
    const { revision, time, routes, backends, pools, tunnels, connections } = snapshot;
    // Rows that are in no order are gone.
    const removed = (key: Collection, rows: readonly { readonly id: string }[]): readonly string[] =>
      known[key].filter((id) => !rows.some((row) => row.id === id));
    emit({
      type: "changes",
      changes: {
        revision,
        time,
        routes: { ...whole(routes), removed: removed("routes", routes) },
        backends: { ...whole(backends), removed: removed("backends", backends) },
        pools: { ...whole(pools), removed: removed("pools", pools) },
        tunnels: { ...whole(tunnels), removed: removed("tunnels", tunnels) },
        connections: { ...whole(connections), removed: removed("connections", connections) },
      },
    });
    for (const key of collections) known[key] = snapshot[key].map((row) => row.id);
  }
  const known: Record<Collection, string[]> = {
    tunnels: [],
    routes: [],
    backends: [],
    pools: [],
    connections: [],
  };

  function note(entry: Omit<ActivityEntry, "sequence" | "time">): void {
    const added = {
      ...entry,
      sequence: (activity.at(-1)?.sequence ?? 0) + 1,
      time: new Date().toISOString(),
    };
    activity = [...activity, added];
    emit({ type: "activity", entries: [added] });
  }

  function counted(
    routes: readonly RouteStatus[],
    connections: readonly ConnectionStatus[],
  ): readonly RouteStatus[] {
    return routes.map((route) => {
      const open = connections.filter((connection) => connection.route === route.id).length;
      const total = Math.max(route.connections.total, open);
      return { ...route, connections: { ...route.connections, open, total } };
    });
  }

  function apply(config: ShuntConfig, first: boolean): void {
    const before = new Map(snapshot.routes.map((route) => [route.id, route]));
    const routes = config.routes.map((route) => fakeRoute(route, config, before.get(route.id)));
    const live = new Map(
      routes
        .filter((route) => route.state === "listening" && route.targetHealth !== "down")
        .map((route) => [route.id, route]),
    );
    let connections = snapshot.connections.filter((connection) => live.has(connection.route));
    if (first)
      for (const route of config.routes.filter((row) => live.has(row.id)))
        for (let n = 0; n < options.connectionsPerRoute; n += 1)
          connections = [...connections, fakeConnection(nextConnection++, route, config, random)];
    publish({
      routes: counted(routes, connections),
      backends: config.backends.map((backend, n) => ({
        ...fakeBackend(backend, n),
        connections: connections.filter((c) => c.backend === backend.id).length,
      })),
      tunnels: config.tunnels.map(fakeTunnel),
      pools: config.pools.map((pool) => {
        const before = snapshot.pools.find((row) => row.id === pool.id)?.active ?? null;
        return fakePool(pool, config.routes, before ?? pool.members[0] ?? null);
      }),
      connections,
    });
  }

  function put(config: ShuntConfig): SavedConfig {
    saved = { ...saved, revision: saved.revision + 1, config };
    apply(config, false);
    note({
      severity: "info",
      event: "config-applied",
      message: `The configuration was applied: ${config.routes.length} routes.`,
    });
    emit({ type: "config", revision: saved.revision });
    return saved;
  }

  function setSandbox(status: SandboxStatus): SandboxStatus {
    sandbox = status;
    emit({ type: "sandbox", status });
    return status;
  }

  function history(): Record<string, readonly ByteCounts[]> {
    return Object.fromEntries(
      snapshot.routes.map((route, n) => [
        route.id,
        Array.from({ length: 60 }, (_, second) => fakeRate(route, n, tick - 60 + second, random)),
      ]),
    );
  }

  const handlers: CommandHandlers = {
    "about.get": async () =>
      ok({
        version: "0.1.0",
        runtime: "headless",
        engine: "Node.js 20.20.2",
        platform: "linux x64",
        forwarding: { native: true, why: null },
        configFile: "/home/ops/.config/Shunt/config.json",
      }),
    "snapshot.get": async () => ok(snapshot),
    "activity.list": async () => ok(activity),
    "history.get": async () => ok(history()),
    "route.hour": async ({ id }) => ok(fakeHour(id)),
    "config.get": async () => ok(saved),
    "config.check": async ({ config }) => ok(checkFakeConfig(config)),
    "config.put": async ({ config, revision }) => {
      if (revision !== saved.revision)
        return failed(
          "CONFIG_CONFLICT",
          "The configuration was changed meanwhile.",
          "Load it anew and try again.",
        );
      const problems = checkFakeConfig(config);
      if (problems.length === 0) return ok(put(config));
      return {
        ok: false,
        failure: {
          code: "CONFIG_INVALID",
          hop: "config",
          message: "The configuration has problems.",
          advice: "Mend them and save again.",
          problems,
        },
      };
    },
    "routes.enable": async ({ ids, enabled }) =>
      ok(
        put({
          ...saved.config,
          routes: saved.config.routes.map((route) =>
            ids.includes(route.id) ? { ...route, enabled } : route,
          ),
        }),
      ),
    "import.preview": async (request) => ok(fakeImport(request)),
    "route.retry": async () => ok(null),
    "route.conditions.set": async ({ id, conditions, forMs }) => {
      const active = {
        conditions,
        until: new Date(Date.now() + forMs).toISOString(),
        says: `latency ${conditions.latencyMs ?? 0} ms, ${conditions.fault?.do ?? "no fault"}`,
      };
      publish({
        routes: snapshot.routes.map((row) => (row.id === id ? { ...row, conditions: active } : row)),
      });
      return ok(active);
    },
    "route.conditions.clear": async ({ id }) => {
      publish({ routes: snapshot.routes.map((row) => (row.id === id ? { ...row, conditions: null } : row)) });
      return ok(null);
    },
    "route.addresses": async ({ id }) => {
      const route = snapshot.routes.find((row) => row.id === id);
      if (!route) return failed("NOT_FOUND", `There is no route "${id}".`, "Load the page anew.");
      return ok([
        {
          label: "Python, C++, Java, C# clients",
          value: `tcp://${route.listen}/amps/json`,
          note: "or another message type in place of json",
        },
        { label: "JavaScript client", value: `ws://${route.listen}/amps/json`, note: null },
        {
          label: "Clients with http_preflight",
          value: `tcp://${route.listen}/amps/json?http_preflight=true`,
          note: null,
        },
      ]);
    },
    "export.preview": async (request) => ok(fakeExport(saved.config, request)),
    "listen.suggest": async ({ listen }) => {
      const taken = new Set([...snapshot.routes.map((route) => route.listen), "127.0.0.1:9008"]);
      let port = Number(listen.split(":").at(-1));
      const host = listen.slice(0, listen.lastIndexOf(":"));
      while (taken.has(`${host}:${port}`)) port += 1;
      const route = snapshot.routes.find((row) => row.listen === listen && row.state !== "failed");
      return ok({
        listen: `${host}:${port}`,
        owner: route ? `route "${route.id}"` : taken.has(listen) ? "java (pid 4711)" : null,
      });
    },
    "connection.close": async ({ id }) => {
      const connections = snapshot.connections.filter((connection) => connection.id !== id);
      publish({ connections, routes: counted(snapshot.routes, connections) });
      note({
        severity: "info",
        event: "connection-cut",
        connection: id,
        message: `Connection ${id} was closed by the operator.`,
      });
      return ok(null);
    },
    "backend.probe": async () => ok(null),
    "pool.promote": async ({ pool, member }) => {
      const config = saved.config.pools.find((row) => row.id === pool);
      if (config)
        publish({
          pools: snapshot.pools.map((row) =>
            row.id === pool ? fakePool(config, saved.config.routes, member) : row,
          ),
        });
      return ok(null);
    },
    "backend.test": ({ id, run }) => examinations.run(id, run),
    "backend.test-stop": async ({ run }) => {
      examinations.stop(run);
      return ok(null);
    },
    "tunnel.retry": async () => ok(null),
    "tunnel.stop": async () => ok(null),
    "tunnel.answer": async () =>
      failed("NOT_POSSIBLE_HERE", "Nobody is asked here.", "Use the desktop app for this."),
    "secrets.list": async () => ok(secrets),
    "secrets.forget": async ({ tunnel }) => {
      secrets = secrets.filter((secret) => secret.tunnel !== tunnel);
      emit({ type: "secrets", kept: secrets });
      return ok(secrets);
    },
    "galvanometer.open": async ({ backend }) => {
      const admin = saved.config.backends.find((row) => row.id === backend)?.admin;
      if (admin === undefined)
        return failed(
          "ENDPOINT_MISSING",
          `Backend ${backend} has no admin endpoint.`,
          "Add the endpoint to the backend.",
        );
      return ok(fakeOpening(backend, admin));
    },
    "galvanometer.allow": async () => ok(null),
    "sandbox.status": async () => ok(sandbox),
    "sandbox.start": async () => {
      put(withSandboxParts(saved.config));
      return ok(setSandbox(runningSandbox));
    },
    "sandbox.stop": async ({ remove }) => {
      if (remove) put(withoutSandboxParts(saved.config));
      return ok(setSandbox(stoppedSandbox));
    },
    "sandbox.act": async ({ instance, action }) =>
      ok(setSandbox(actOnFakeSandbox(sandbox, instance, action))),
  };

  apply(saved.config, true);
  const clock = setInterval(() => {
    tick += 1;
    const routes = snapshot.routes.map((route, n) => {
      const rate = fakeRate(route, n, tick, random);
      return {
        ...route,
        rate,
        bytes: {
          toBackend: route.bytes.toBackend + rate.toBackend,
          toClient: route.bytes.toClient + rate.toClient,
        },
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
      const sum = (key: keyof ByteCounts): number =>
        mine.reduce((total, route) => total + route.rate[key], 0);
      return { ...backend, rate: { toBackend: sum("toBackend"), toClient: sum("toClient") } };
    });
    publish({ routes, connections, backends });
  }, options.tickMs);

  return {
    shell: null,
    // The engine is at least a thread away.
    call: (name: CommandName, argument: unknown) =>
      new Promise((resolve) => setTimeout(() => resolve(structuredClone(argument)), 5)).then((copy) =>
        (handlers[name] as (a: unknown) => Promise<never>)(copy),
      ),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onLink(listener) {
      listener("live");
      return () => undefined;
    },
    changeElsewhere: (edit) => void put(edit(saved.config)),
    end: () => clearInterval(clock),
  };
}
