/** The engine: makes the running listeners what the configuration says, and tells what it observes. */
import type { Reply } from "../contract/commands.ts";
import type { BackendConfig, ShuntConfig } from "../contract/config.ts";
import { AgentResponders } from "../agent/agent-responders.ts";
import { RouteConditions } from "../conditions/route-conditions.ts";
import { emptyConfig } from "../config/empty-config.ts";
import { Examinations } from "../doctor/examinations.ts";
import { accept, refuse } from "../failures.ts";
import { ClientRoom } from "../forward/client-room.ts";
import { ConnectionRegistry } from "../forward/connection-registry.ts";
import { createDial, type Dial } from "../forward/dial.ts";
import type { Forwarding } from "../forward/forwarding.ts";
import type { LoadedAddon } from "../forward/native-addon.ts";
import { createMemoryGuardStore, type GuardStore } from "../guard/guard-store.ts";
import { PoolGuards } from "../guard/pool-guards.ts";
import { Galvanometers } from "../galvanometer/galvanometers.ts";
import { BackendHealthWatch } from "../health/backend-health.ts";
import { createAdmission } from "../listen/admission.ts";
import { StatisticsWatch, type StatisticsWatchOptions } from "../statistics/statistics-watch.ts";
import { readInstanceConfig } from "../import/read-instance-config.ts";
import { createActivityLog } from "./activity-log.ts";
import type { EngineEvent, EngineHandle } from "./engine-handle.ts";
import { startFlowSampling } from "./flow-sampling.ts";
import { entranceOf } from "./entrance.ts";
import { freeListens, suggestListen } from "./free-listens.ts";
import { ListenerSet } from "./listener-set.ts";
import { RouteDrains } from "./route-drains.ts";
import { kindsUsed, usedBackends, usedEndpoints } from "./route-targets.ts";
import { answerForPool } from "./answer-agent.ts";
import { chooseMover } from "./choose-mover.ts";
import { createReach } from "./reach.ts";
import type { OpenTcp } from "../forward/open-tcp.ts";
import { QuestionDesk } from "../tunnels/question-desk.ts";
import { environmentSecrets } from "../tunnels/secret-source.ts";
import { TunnelSet, type TunnelOptions } from "../tunnels/tunnel-set.ts";
import { createSnapshotFeed } from "./snapshot-feed.ts";
import { takeSnapshot } from "./take-snapshot.ts";

export interface EngineOptions {
  /** The addon that moves plain TCP on a thread of its own; default: none. */
  readonly native?: LoadedAddon;
  readonly tunnels?: TunnelOptions;
  /** Somebody hears `questions` events and answers: then secrets and unknown host keys are asked for. */
  readonly asksOperator?: boolean;
  /** Default: from this machine, or through the tunnels. */
  readonly openTcp?: OpenTcp;
  /** Between health probes, in milliseconds; see `HealthOptions`. */
  readonly probeIntervalMs?: number;
  readonly probeDownIntervalMs?: number;
  readonly fall?: number;
  readonly rise?: number;
  /** Where active members and links are remembered; default: for this run only. */
  readonly guardStore?: GuardStore;
  /** How admin statistics are read; see `StatisticsWatchOptions`. */
  readonly statistics?: Pick<StatisticsWatchOptions, "delayMs" | "shortestIntervalMs" | "timeoutMs">;
}

/** Below so many an operator is told at the start. */
const fewClients = 400;

export function createEngine(options: EngineOptions = {}): EngineHandle {
  const questions = new QuestionDesk({
    environment: environmentSecrets(),
    onChange: (open) => emit({ type: "questions", questions: open }),
  });
  const asked = options.asksOperator ? { secrets: questions.secrets, askHostKey: questions.hostKey } : {};
  const tunnels = new TunnelSet(
    { ...asked, ...options.tunnels },
    { note: (note) => activity.note(note), onChange: () => feed.soon() },
  );
  const examinations = new Examinations(tunnels, (event) => emit(event));
  const openTcp = options.openTcp ?? tunnels.openTcp;
  const open = createDial(openTcp);
  /** Every dial tells the guard whether somebody answered. */
  const dial: Dial = async (backend, kind, how = {}) => {
    const startedMs = Date.now();
    const reply = await open(backend, kind, how);
    if (!how.signal?.aborted) guards.noteDial(backend.id, reply, startedMs);
    return reply;
  };
  const activity = createActivityLog();
  const registry = new ConnectionRegistry();
  const sampling = startFlowSampling(registry);
  const eventListeners = new Set<(event: EngineEvent) => void>();
  let config: ShuntConfig = emptyConfig;
  let applying: Promise<void> = Promise.resolve();

  const emit = (event: EngineEvent): void => {
    for (const listener of eventListeners) listener(event);
  };
  const health = new BackendHealthWatch({
    dial,
    note: (note) => activity.note(note),
    onChange: () => {
      guards.evaluate();
      feed.soon();
    },
    ...(options.probeIntervalMs !== undefined && { intervalMs: options.probeIntervalMs }),
    ...(options.probeDownIntervalMs !== undefined && { downIntervalMs: options.probeDownIntervalMs }),
    ...(options.fall !== undefined && { fall: options.fall }),
    ...(options.rise !== undefined && { rise: options.rise }),
  });

  const guards = new PoolGuards({
    store: options.guardStore ?? createMemoryGuardStore(),
    note: (note) => activity.note(note),
    isDown: (backend, kinds) => kinds.every((kind) => health.of(backend, [kind]).health === "down"),
    instanceName: (backend) => statistics.status(backend)?.name ?? health.status(backend).instanceName,
    kindsUsed,
    statisticsUnread: (backend) => statistics.status(backend)?.reason ?? null,
    connected: () => registry.ampsClients(),
  });
  const statistics = new StatisticsWatch({
    dial,
    onSample: (backend, sample) => {
      // What was placed shortly before the reading may have come after the instance's own sample.
      registry.noteSample(backend, sample.atMs - (sample.intervalMs ?? 0));
      guards.noteSample(backend, sample);
      feed.soon();
    },
    onFailed: () => feed.soon(),
    ...options.statistics,
  });

  const conditions = new RouteConditions({
    config: () => config,
    note: (note) => activity.note(note),
    onChange() {
      listeners.review();
      feed.soon();
    },
  });
  const room = new ClientRoom();
  const {
    takeOver,
    doors,
    status: moverStatus,
  } = chooseMover(options.native, {
    room,
    entranceOf: (route) => entranceOf(config, route, conditions.areOn(route.id)),
  });
  const reaching = createReach({ config: () => config, dial, registry, health, statistics, guards });
  const forwarding: Forwarding = {
    registry,
    takeOver,
    note: (note) => activity.note(note),
    ...reaching,
    ...conditions.over(reaching),
  };
  const admission = createAdmission(room);
  if (admission.most !== null && admission.most < fewClients)
    activity.note({
      event: "limit-low",
      severity: "warning",
      code: "TOO_MANY_CONNECTIONS",
      message: `The system's limit on open files leaves room for ${admission.most} clients at once; raise it with ulimit -n.`,
    });
  const listeners = new ListenerSet({
    admission,
    doors,
    forwarding,
    note: (note) => activity.note(note),
    onChange: () => feed.soon(),
  });
  const agents = new AgentResponders({
    answer: (pool, member, subscribers) =>
      answerForPool({ config, health, statistics, guards }, pool, member, subscribers),
    note: (note) => activity.note(note),
  });
  const drains = new RouteDrains(registry, (note) => activity.note(note));
  const watchUsed = (): void => {
    const used = usedEndpoints(config);
    health.update(
      config.backends,
      (backend, kind) =>
        used.has(`${backend} ${kind}`) || (kind === "admin" && galvanometers.isOpen(backend)),
    );
  };
  const galvanometers = new Galvanometers({
    openTcp,
    config: () => config,
    instanceNames: () => new Map(config.backends.map(({ id }) => [id, health.status(id).instanceName ?? id])),
    note: (note) => activity.note(note),
    noteDial: (backend, kind, failure) => health.noteDial(backend, kind, failure),
    now: Date.now,
    onChange: watchUsed,
    onConnections: () => feed.soon(),
  });

  const feed = createSnapshotFeed(
    (revision) => {
      doors?.hear();
      return takeSnapshot(
        {
          config,
          leaving: drains.leaving(config),
          listenerOf: (route) => listeners.stateOf(route),
          registry,
          galvanometers,
          health,
          statistics,
          guards,
          conditions,
          tunnelOf: (id) => tunnels.status(id),
          routeRates: sampling.routeRates,
          backendRates: sampling.backendRates,
        },
        revision,
      );
    },
    (changes) => emit({ type: "changes", changes }),
  );
  activity.onEntries((entries) => emit({ type: "activity", entries }));

  const applyNow = async (next: ShuntConfig, graceMs: number): Promise<void> => {
    listeners.hold();
    drains.begin(config, next, graceMs);
    config = next;
    tunnels.update(next.tunnels);
    watchUsed();
    statistics.update(usedBackends(next));
    guards.update(next);
    conditions.review();
    galvanometers.review();
    const routeIds = new Set(next.routes.map(({ id }) => id));
    const backendIds = new Set(next.backends.map(({ id }) => id));
    registry.forget(
      (id) => routeIds.has(id) || registry.openOfRoute(id).length > 0,
      (id) => backendIds.has(id) || registry.openOn(id) > 0,
    );
    await Promise.all([listeners.apply(next.routes), agents.update(next.pools)]);
    feed.soon();
  };

  const ofBackend = async <T>(
    id: string,
    use: (backend: BackendConfig) => Promise<Reply<T>>,
  ): Promise<Reply<T>> => {
    const backend = config.backends.find((one) => one.id === id);
    return backend ? use(backend) : refuse("NOT_FOUND", `There is no backend ${id}.`);
  };

  return {
    apply(next, graceMs) {
      applying = applying.then(() => applyNow(next, graceMs));
      return applying;
    },
    snapshot: () => Promise.resolve(feed.snapshot()),
    activity: () => Promise.resolve(activity.entries()),
    history: () => Promise.resolve(sampling.routeRates.history()),
    hour: (id) => Promise.resolve(sampling.hours.of(id)),
    cutDraining(id) {
      drains.hasten(id);
      return Promise.resolve();
    },
    async retryRoute(id) {
      const route = config.routes.find((one) => one.id === id);
      if (!route) return refuse("NOT_FOUND", `There is no route ${id}.`);
      const failed = await listeners.retry(route);
      return failed ? { ok: false, failure: failed } : accept(null);
    },
    setConditions(id, wanted, { forMs, reconnect }) {
      const reply = conditions.set(id, wanted, forMs);
      if (reply.ok && (reconnect || wanted.fault?.do === "down"))
        for (const connection of registry.openOfRoute(id)) connection.cut();
      return Promise.resolve(reply);
    },
    clearConditions: (id) => Promise.resolve(conditions.clear(id)),
    closeConnection(id) {
      const connection = registry.get(id);
      if (!connection && galvanometers.cut(id)) return Promise.resolve(accept(null));
      if (!connection) return Promise.resolve(refuse("NOT_FOUND", `Connection ${id} has ended already.`));
      connection.cut();
      const { route, backend, logon, client } = connection;
      activity.note({
        event: "connection-cut",
        severity: "info",
        route,
        ...(backend !== null && { backend }),
        connection: id,
        message: `The connection of ${logon?.ampsClient ?? client} was closed by the operator.`,
      });
      return Promise.resolve(accept(null));
    },
    probeBackend: (id) =>
      ofBackend(id, async () => {
        await health.probe(id);
        return accept(null);
      }),
    promote(pool, member) {
      const reply = guards.promote(pool, member);
      feed.soon();
      return Promise.resolve(reply);
    },
    testBackend: (id, run) => ofBackend(id, async (backend) => accept(await examinations.run(backend, run))),
    readInstanceConfig: (id) => ofBackend(id, (backend) => readInstanceConfig(backend, dial)),
    freeListens,
    stopTest: async (run) => examinations.stop(run),
    retryTunnel: (id) => tunnels.retry(id),
    stopTunnel: async (id) => tunnels.stop(id),
    forgetSecrets: async (id) => tunnels.forgetSecrets(id),
    async answerQuestion(id, answer) {
      if (questions.answer(id, answer)) return accept(null);
      return refuse("NOT_FOUND", "This question is no longer open.");
    },
    wake: async () => tunnels.wake(),
    forwarding: () => Promise.resolve(moverStatus),
    suggestListen: (listen) => suggestListen(listen, (one) => listeners.ownRoute(one)),
    uncoveredPeers: (backend) => galvanometers.peers(backend),
    openGalvanometer: (backend, wanted) => galvanometers.open(backend, wanted),
    judgeGalvanometer: (id, asked) => galvanometers.judge(id, asked),
    unlockGalvanometer: (id, durationMs) => Promise.resolve(galvanometers.unlock(id, durationMs)),
    allowGalvanometer: (backend, target) => Promise.resolve(galvanometers.allow(backend, target)),
    closeGalvanometer(id) {
      galvanometers.close(id);
      return Promise.resolve();
    },
    note(entry) {
      activity.note(entry);
      return Promise.resolve();
    },
    onEvent(listener) {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    async close(graceMs) {
      await applying;
      listeners.closeAll();
      const proxyClosed = galvanometers.closeAll();
      health.close();
      statistics.close();
      agents.close();
      guards.close();
      drains.close();
      conditions.close();
      if (registry.size > 0 && graceMs > 0) await Promise.race([registry.idle(), after(graceMs)]);
      for (const connection of [...registry.all()]) connection.cut();
      await registry.idle();
      await proxyClosed;
      examinations.close();
      tunnels.close();
      questions.close();
      sampling.stop();
      feed.snapshot();
      feed.close();
      activity.close();
    },
  };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
