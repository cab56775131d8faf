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
import type { PatientConfigStore } from "../config/config-store.ts";
import type { Environment } from "../config/parse-config.ts";
import type { EngineHandle } from "../engine/engine-handle.ts";
import { exportHere, type StartExport } from "../export/export-work.ts";
import { accept, errorText, refuse } from "../failures.ts";
import { previewImport } from "../import/preview-import.ts";
import type { SandboxHandle } from "../sandbox/sandbox-handle.ts";
import { checkArgument, isCommandName } from "./arguments.ts";
import { defaultGraceMs, openConfiguration, type Configuration } from "./configuration.ts";
import { exportHandlers } from "./exports.ts";
import { openGalvanometer, type ShowGalvanometer } from "./galvanometer.ts";
import { openFollowers, type Follower } from "./followers.ts";
import { secretHandlers, type OperatorDesk } from "./operator-desk.ts";
import { routeHandlers } from "./routes.ts";
import { sandboxHandlers } from "./sandbox-commands.ts";
import { updateHandlers, type UpdateDesk } from "./updates.ts";

const defaultSandboxPort = 19_000;

interface ServiceOptions {
  readonly store: PatientConfigStore;
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
  /** Absent where there is no desktop, or the build names no feed. */
  readonly updates?: UpdateDesk | undefined;
}

export interface ShuntService {
  /** Loads the configuration and applies it. */
  start(): Promise<void>;
  /** One command from any carrier; name and argument are checked here. Never rejects. */
  handle(name: string, argument: unknown): Promise<Reply<unknown>>;
  onEvent(listener: (event: LiveEvent) => void): () => void;
  /** Somebody looks: what changes is told more often, until it stops. */
  follow(): Follower;
  /**
   * Applies a configuration that changed outside (a watched file); what is saved is left alone. `changed` looks while no save is
   * under way, and gives null where nothing changed.
   */
  adopt(changed: () => ShuntConfig | null): Promise<void>;
  /** Tells that a configuration that changed outside is not applied, and why. */
  refuseChange(problems: readonly ConfigProblem[]): Promise<void>;
  /** The configuration that is in force. */
  current(): SavedConfig;
  /** Stops accepting, lets connections drain for `graceMs`, ends engine and sandbox. Safe to call twice. */
  close(graceMs: number): Promise<void>;
}

export function createService(options: ServiceOptions): ShuntService {
  const { store, engine, sandbox, env = process.env } = options;
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
  options.updates?.updates.onChange((status) => emit({ type: "update", status }));
  const follow = openFollowers((wanted) => engine.follow(wanted));
  const configuration = openConfiguration({ store, engine, env, emit });
  const handlers = commandHandlers(options, configuration);

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
      await configuration.start();
      await engine.note({
        event: "engine-started",
        severity: "info",
        message: `Shunt ${options.about.version} started on ${options.about.engine}.`,
      });
      const { notice } = configuration.saved();
      if (notice !== null)
        await engine.note({
          event: "config-restored",
          severity: "error",
          code: "CONFIG_UNREADABLE",
          message: notice,
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
    follow,
    adopt: (changed) => inTurn(() => configuration.adopt(changed())),
    refuseChange: ([first, ...more]) =>
      engine.note({
        event: "config-refused",
        severity: "error",
        code: "CONFIG_INVALID",
        message: `The changed configuration file is not applied: ${first?.path}: ${first?.message}${more.length === 0 ? "" : ` (and ${more.length} more)`}.`,
      }),
    current: () => configuration.saved(),
    close(graceMs) {
      // What is being saved gets onto the disk.
      closing ??= changing
        .then(() => Promise.all([engine.close(graceMs), options.updates?.updates.stop()]))
        .then(async () => void (await sandbox.stop()));
      return closing;
    },
  };
}

function commandHandlers(options: ServiceOptions, configuration: Configuration): CommandHandlers {
  const { engine, sandbox, store } = options;
  const configFile = store.isInMemory ? null : store.file;
  return {
    "about.get": async () => accept({ ...options.about, configFile, forwarding: await engine.forwarding() }),
    "snapshot.get": async (asked) => accept(await engine.snapshot(asked?.connections)),
    "activity.list": async () => accept(await engine.activity()),
    "history.get": async () => accept(await engine.history()),
    "config.get": async () => accept(configuration.saved()),
    "config.check": async ({ config }) => accept(configuration.check(config)),
    "config.put": async ({ config, revision, graceMs = defaultGraceMs }) => {
      if (revision !== configuration.saved().revision)
        return refuse("CONFIG_CONFLICT", "The configuration was changed meanwhile.");
      return configuration.put(config, graceMs);
    },
    "import.preview": (request) =>
      previewImport(request, {
        config: configuration.saved().config,
        resolved: configuration.resolved(),
        readInstanceConfig: (backend) => engine.readInstanceConfig(backend),
        freeListens: (listens) => engine.freeListens(listens),
      }),
    "routes.enable": ({ ids, enabled, graceMs = defaultGraceMs }) =>
      configuration.enable(ids, enabled, graceMs),
    ...routeHandlers(engine, configuration),
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
        config: configuration.resolved(),
        configFile,
        engine,
        show: options.showGalvanometer,
      }),
    ...exportHandlers(options.startExport ?? exportHere, () => ({
      document: configuration.saved().config,
      resolved: configuration.resolved(),
    })),
    "galvanometer.allow": ({ backend, target }) => engine.allowGalvanometer(backend, target),
    ...updateHandlers(options.updates),
    ...sandboxHandlers({
      sandbox,
      configuration,
      engine,
      basePort: options.sandboxBasePort ?? defaultSandboxPort,
    }),
  };
}
