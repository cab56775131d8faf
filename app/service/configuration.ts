/** The configuration in force: the saved document, what the engine runs of it, and every way to change it. */
import type { Reply, SavedConfig } from "../contract/commands.ts";
import type { ConfigProblem, ShuntConfig } from "../contract/config.ts";
import type { LiveEvent } from "../contract/live.ts";
import type { PatientConfigStore } from "../config/config-store.ts";
import { describeChange } from "../config/describe-change.ts";
import { parseConfig, type Environment } from "../config/parse-config.ts";
import type { ParsedConfig } from "../config/parsed-config.ts";
import type { EngineHandle } from "../engine/engine-handle.ts";
import { accept, refuse } from "../failures.ts";
import { nextTurn } from "../next-turn.ts";

/** How long the connections of ended routes may live on where the operator says nothing else (reliability F11). */
export const defaultGraceMs = 5_000;

interface ConfigurationOptions {
  readonly store: PatientConfigStore;
  readonly engine: Pick<EngineHandle, "apply" | "note" | "cutDraining">;
  /** For placeholders. */
  readonly env: Environment;
  readonly emit: (event: LiveEvent) => void;
}

export interface Configuration {
  saved(): SavedConfig;
  /** What the engine runs: the saved document with its placeholders replaced. */
  resolved(): ShuntConfig;
  /** Applies what was loaded. */
  start(): Promise<void>;
  check(config: unknown): readonly ConfigProblem[];
  /** Saves a whole document and applies it; CONFIG_INVALID with all its problems, or the store's failure. */
  put(config: unknown, graceMs: number): Promise<Reply<SavedConfig>>;
  /** Starts or stops routes, which the document remembers; NOT_FOUND for one that it does not have. */
  enable(ids: readonly string[], enabled: boolean, graceMs: number): Promise<Reply<SavedConfig>>;
  /** Applies a configuration that changed outside, if it did; what is saved is left alone. */
  adopt(config: ShuntConfig | null): Promise<void>;
}

export function openConfiguration({ store, engine, env, emit }: ConfigurationOptions): Configuration {
  const loaded = store.load();
  let saved: SavedConfig = { revision: 1, config: loaded.config, notice: loaded.notice };
  let resolved: ShuntConfig = loaded.config;
  /** What was accepted last, so that what stays the same need not be judged again. */
  let accepted: ParsedConfig | null = null;

  const apply = async (config: ShuntConfig, graceMs: number): Promise<void> => {
    const parsed = parseConfig(config, env, accepted);
    accepted = parsed.ok ? parsed.value : null;
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
  const noteApplied = (message: string) =>
    engine.note({ event: "config-applied", severity: "info", message });
  const put = async (config: unknown, graceMs: number): Promise<Reply<SavedConfig>> => {
    // Each step of a large document takes its time: between them the loop is free for connections (reliability L8).
    await nextTurn();
    const parsed = parseConfig(config, env, accepted);
    if (!parsed.ok)
      return refuse(
        "CONFIG_INVALID",
        `The configuration has ${parsed.problems.length} ${parsed.problems.length === 1 ? "problem" : "problems"}.`,
        { problems: parsed.problems },
      );
    const failed = await store.save(parsed.value.document);
    if (failed) return { ok: false, failure: failed };
    accepted = parsed.value;
    const change = describeChange(saved.config, parsed.value.document);
    saved = { revision: saved.revision + 1, config: parsed.value.document, notice: saved.notice };
    resolved = parsed.value.resolved;
    await nextTurn();
    // On its way before anybody hears of the change: who then asks the engine meets the new configuration.
    const applying = engine.apply(resolved, graceMs);
    emit({ type: "config", revision: saved.revision });
    await applying;
    await nextTurn();
    await noteApplied(`The configuration was saved: ${change ?? "nothing differs"}.`);
    return accept(saved);
  };
  return {
    saved: () => saved,
    resolved: () => resolved,
    start: () => apply(saved.config, 0),
    check(config) {
      const parsed = parseConfig(config, env, accepted);
      return parsed.ok ? [] : parsed.problems;
    },
    put,
    async enable(ids, enabled, graceMs) {
      const known = new Set(saved.config.routes.map(({ id }) => id));
      const unknown = ids.find((id) => !known.has(id));
      if (unknown !== undefined) return refuse("NOT_FOUND", `There is no route ${unknown}.`);
      const reply = await put(withEnabled(saved.config, new Set(ids), enabled), graceMs);
      // Stopped already and still draining: "cut" now means those connections.
      if (reply.ok && !enabled && graceMs === 0) await Promise.all(ids.map((id) => engine.cutDraining(id)));
      return reply;
    },
    async adopt(config) {
      if (!config) return;
      const change = describeChange(saved.config, config);
      saved = { ...saved, revision: saved.revision + 1, config };
      emit({ type: "config", revision: saved.revision });
      await apply(config, defaultGraceMs);
      await noteApplied(`The changed configuration file was applied: ${change ?? "nothing differs"}.`);
    },
  };
}

/** The document with these routes started, which needs no word in it, or stopped. */
function withEnabled(config: ShuntConfig, ids: ReadonlySet<string>, enabled: boolean): ShuntConfig {
  const routes = config.routes.map((route) => {
    if (!ids.has(route.id)) return route;
    const { enabled: _before, ...rest } = route;
    return enabled ? rest : { ...rest, enabled };
  });
  return { ...config, routes };
}
