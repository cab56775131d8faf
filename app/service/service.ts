/** Shunt as one thing: the saved configuration, the engine and the sandbox behind the contract's commands. */
import type {
  About,
  Argument,
  CommandHandlers,
  CommandName,
  Reply,
  Result,
  SavedConfig,
} from "../contract/commands.ts";
import type { ConfigProblem, ShuntConfig } from "../contract/config.ts";
import type { LiveEvent } from "../contract/live.ts";
import type { ConfigStore } from "../config/config-store.ts";
import { parseConfig, type Environment } from "../config/parse-config.ts";
import type { EngineHandle } from "../engine/engine-handle.ts";
import { clientAddresses } from "../export/client-addresses.ts";
import { exportHere, type StartExport } from "../export/export-work.ts";
import { accept, errorText, refuse } from "../failures.ts";
import { previewImport } from "../import/preview-import.ts";
import type { SandboxHandle } from "../sandbox/sandbox-handle.ts";
import { checkArgument, isCommandName } from "./arguments.ts";
import { exportHandlers } from "./exports.ts";
import { openGalvanometer, type ShowGalvanometer } from "./galvanometer.ts";
import { secretHandlers, type OperatorDesk } from "./operator-desk.ts";
import { addSandbox, removeSandbox } from "./sandbox-config.ts";

/** How long the connections of ended routes may live on where the operator says nothing else (reliability F11). */
export const defaultGraceMs = 5_000;
const defaultSandboxPort = 19_000;

export interface ServiceOptions {
  readonly store: ConfigStore;
  readonly engine: EngineHandle;
  readonly sandbox: SandboxHandle;
  readonly about: Omit<About, "configFile" | "forwarding">;
  /** For placeholders; default `process.env`. */
  readonly env?: Environment;
  readonly sandboxBasePort?: number;
  /** How exports are made; default: in this thread. */
  readonly startExport?: StartExport;
  /** Whoever asks the operator, and keeps what was told; absent where there is no desktop. */
  readonly operator?: OperatorDesk;
  /** Opens windows on Galvanometers; absent where there is no desktop. */
  readonly showGalvanometer?: ShowGalvanometer;
}

export interface ShuntService {
  /** Loads the configuration and applies it. */
  start(): Promise<void>;
  /** One command from any carrier; name and argument are checked here. Never rejects. */
  handle(name: string, argument: unknown): Promise<Reply<unknown>>;
  onEvent(listener: (event: LiveEvent) => void): () => void;
  /** Applies a configuration that changed outside (a watched file); what is saved is left alone. */
  adopt(config: ShuntConfig): Promise<void>;
  /** Tells that a configuration that changed outside is not applied, and why. */
  refuseChange(problems: readonly ConfigProblem[]): Promise<void>;
  /** The configuration that is in force. */
  current(): SavedConfig;
  /** Stops accepting, lets connections drain for `graceMs`, ends engine and sandbox. Safe to call twice. */
  close(graceMs: number): Promise<void>;
}

export function createService(options: ServiceOptions): ShuntService {
  const { store, engine, sandbox, env = process.env } = options;
  const loaded = store.load();
  let saved: SavedConfig = { revision: 1, config: loaded.config, notice: loaded.notice };
  /** What the engine runs: the saved document with its placeholders replaced. */
  let resolved: ShuntConfig = loaded.config;
  let closing: Promise<void> | null = null;
  const listeners = new Set<(event: LiveEvent) => void>();
  const emit = (event: LiveEvent): void => {
    for (const listener of listeners) listener(event);
  };
  engine.onEvent((event) => {
    if (event.type !== "questions") emit(event);
  });
  options.operator?.onKept((kept) => emit({ type: "secrets", kept }));
  sandbox.onChange((status) => emit({ type: "sandbox", status }));

  const apply = async (config: ShuntConfig, graceMs: number): Promise<void> => {
    const parsed = parseConfig(config, env);
    // A document may be saved on a machine where its placeholders are set and opened on one where they are not.
    resolved = parsed.ok ? parsed.value.resolved : config;
    if (parsed.ok) return engine.apply(resolved, graceMs);
    const [first] = parsed.problems;
    await engine.note({
      event: "config-refused",
      severity: "error",
      code: "CONFIG_INVALID",
      message: `The configuration is not in force: ${first?.path}: ${first?.message}.`,
    });
  };
  const put = async (config: unknown, graceMs: number): Promise<Reply<SavedConfig>> => {
    const parsed = parseConfig(config, env);
    if (!parsed.ok)
      return refuse(
        "CONFIG_INVALID",
        `The configuration has ${parsed.problems.length} ${parsed.problems.length === 1 ? "problem" : "problems"}.`,
        { problems: parsed.problems },
      );
    const failed = store.save(parsed.value.document);
    if (failed) return { ok: false, failure: failed };
    saved = { revision: saved.revision + 1, config: parsed.value.document, notice: saved.notice };
    resolved = parsed.value.resolved;
    emit({ type: "config", revision: saved.revision });
    await engine.apply(resolved, graceMs);
    await engine.note({
      event: "config-applied",
      severity: "info",
      message: "The configuration was saved and applied.",
    });
    return accept(saved);
  };
  const adopt = async (config: ShuntConfig): Promise<void> => {
    saved = { ...saved, revision: saved.revision + 1, config };
    emit({ type: "config", revision: saved.revision });
    await apply(config, defaultGraceMs);
    await engine.note({
      event: "config-applied",
      severity: "info",
      message: "The changed configuration file was applied.",
    });
  };
  const enable = async (
    ids: readonly string[],
    enabled: boolean,
    graceMs = defaultGraceMs,
  ): Promise<Reply<SavedConfig>> => {
    const known = new Set(saved.config.routes.map(({ id }) => id));
    const wanted = new Set(ids);
    const unknown = ids.find((id) => !known.has(id));
    if (unknown !== undefined) return refuse("NOT_FOUND", `There is no route ${unknown}.`);
    const routes = saved.config.routes.map((route) => {
      if (!wanted.has(route.id)) return route;
      const { enabled: _before, ...rest } = route;
      return enabled ? rest : { ...rest, enabled };
    });
    const reply = await put({ ...saved.config, routes }, graceMs);
    // Stopped already and still draining: "cut" now means those connections.
    if (reply.ok && !enabled && graceMs === 0) await Promise.all(ids.map((id) => engine.cutDraining(id)));
    return reply;
  };
  const startSandbox = async () => {
    const { running } = await sandbox.status();
    const started = await sandbox.start({
      demo: true,
      instances: 2,
      basePort: options.sandboxBasePort ?? defaultSandboxPort,
    });
    if (!started.ok) return started;
    const merged = await addSandbox(saved.config, await sandbox.config(), (listen) =>
      engine.suggestListen(listen),
    );
    const reply = await put(merged, defaultGraceMs);
    if (!reply.ok) {
      if (!running) await sandbox.stop();
      return reply;
    }
    await engine.note({
      event: "sandbox-started",
      severity: "info",
      message: "The sandbox was started: simulated AMPS instances, no real data.",
    });
    return accept(await sandbox.status());
  };
  const stopSandbox = async (remove: boolean) => {
    const status = await sandbox.stop();
    await engine.note({ event: "sandbox-stopped", severity: "info", message: "The sandbox was stopped." });
    const reply = remove ? await put(removeSandbox(saved.config), 0) : null;
    return reply && !reply.ok ? reply : accept(status);
  };

  const handlers: CommandHandlers = {
    "about.get": async () =>
      accept({ ...options.about, configFile: store.file, forwarding: await engine.forwarding() }),
    "snapshot.get": async () => accept(await engine.snapshot()),
    "activity.list": async () => accept(await engine.activity()),
    "history.get": async () => accept(await engine.history()),
    "route.hour": async ({ id }) => accept(await engine.hour(id)),
    "config.get": async () => accept(saved),
    "config.check": async ({ config }) => {
      const parsed = parseConfig(config, env);
      return accept(parsed.ok ? [] : parsed.problems);
    },
    "config.put": async ({ config, revision, graceMs = defaultGraceMs }) => {
      if (revision !== saved.revision)
        return refuse("CONFIG_CONFLICT", "The configuration was changed meanwhile.");
      return put(config, graceMs);
    },
    "import.preview": (request) =>
      previewImport(request, {
        config: saved.config,
        resolved,
        readInstanceConfig: (backend) => engine.readInstanceConfig(backend),
        freeListens: (listens) => engine.freeListens(listens),
      }),
    "routes.enable": ({ ids, enabled, graceMs }) => enable(ids, enabled, graceMs),
    "route.retry": ({ id }) => engine.retryRoute(id),
    "route.conditions.set": ({ id, conditions, forMs, reconnect = false }) =>
      engine.setConditions(id, conditions, { forMs, reconnect }),
    "route.conditions.clear": ({ id }) => engine.clearConditions(id),
    "route.addresses": async ({ id }) => {
      const route = resolved.routes.find((one) => one.id === id);
      return route
        ? accept(clientAddresses(resolved, route))
        : refuse("NOT_FOUND", `There is no route ${id}.`);
    },
    "listen.suggest": ({ listen }) => engine.suggestListen(listen),
    "connection.close": ({ id }) => engine.closeConnection(id),
    "backend.probe": ({ id }) => engine.probeBackend(id),
    "pool.promote": ({ pool, member }) => engine.promote(pool, member),
    "backend.test": ({ id, run }) => engine.testBackend(id, run),
    "backend.test-stop": async ({ run }) => {
      await engine.stopTest(run);
      return accept(null);
    },
    "tunnel.retry": ({ id }) => engine.retryTunnel(id),
    "tunnel.stop": ({ id }) => engine.stopTunnel(id),
    ...secretHandlers(engine, options.operator),
    "galvanometer.open": ({ backend }) =>
      openGalvanometer(backend, {
        config: resolved,
        configFile: store.file,
        engine,
        show: options.showGalvanometer,
      }),
    ...exportHandlers(options.startExport ?? exportHere, () => ({ document: saved.config, resolved })),
    "galvanometer.allow": ({ backend, target }) => engine.allowGalvanometer(backend, target),
    "sandbox.status": async () => accept(await sandbox.status()),
    "sandbox.start": startSandbox,
    "sandbox.stop": ({ remove }) => stopSandbox(remove),
    "sandbox.act": async ({ instance, action }) => {
      const reply = await sandbox.act(instance, action);
      if (reply.ok)
        await engine.note({
          event: "sandbox-changed",
          severity: "info",
          message: `Sandbox instance ${instance}: ${action.do}.`,
        });
      return reply;
    },
  };

  const run = <N extends CommandName>(name: N, argument: unknown): Promise<Reply<Result<N>>> => {
    const checked = checkArgument(name, argument);
    if (!checked.ok) return Promise.resolve(refuse("BAD_ARGUMENT", `${name}: ${checked.problem}.`));
    const handler = handlers[name] as (argument: Argument<N>) => Promise<Reply<Result<N>>>;
    return handler(checked.value);
  };
  // Commands that change the configuration run one after another, so that each begins from what the last one left.
  let changing: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const turn = changing.then(change);
    changing = turn.catch(() => undefined);
    return turn;
  };
  const changes = new Set<CommandName>(["config.put", "routes.enable", "sandbox.start", "sandbox.stop"]);
  return {
    async start() {
      await apply(saved.config, 0);
      await engine.note({
        event: "engine-started",
        severity: "info",
        message: `Shunt ${options.about.version} started on ${options.about.engine}.`,
      });
      if (saved.notice !== null)
        await engine.note({
          event: "config-restored",
          severity: "error",
          code: "CONFIG_UNREADABLE",
          message: saved.notice,
        });
    },
    async handle(name, argument) {
      if (!isCommandName(name))
        return refuse("UNKNOWN_COMMAND", `${JSON.stringify(name.slice(0, 80))} is not a command.`);
      try {
        if (!changes.has(name)) return await run(name, argument);
        return await inTurn(() => run(name, argument));
      } catch (error) {
        return refuse("INTERNAL", `${name} failed: ${errorText(error)}.`);
      }
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    adopt: (config) => inTurn(() => adopt(config)),
    refuseChange: ([first, ...more]) =>
      engine.note({
        event: "config-refused",
        severity: "error",
        code: "CONFIG_INVALID",
        message: `The changed configuration file is not applied: ${first?.path}: ${first?.message}${more.length === 0 ? "" : ` (and ${more.length} more)`}.`,
      }),
    current: () => saved,
    close(graceMs) {
      closing ??= engine.close(graceMs).then(async () => void (await sandbox.stop()));
      return closing;
    },
  };
}
