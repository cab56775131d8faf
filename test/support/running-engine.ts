/** A real engine with a configuration, for tests: ports are found free, and everything is closed and checked at the end. */
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import { parseConfig } from "../../app/config/parse-config.ts";
import type { ActivityEntry } from "../../app/contract/activity.ts";
import type { ConnectionStatus, RouteStatus, Snapshot } from "../../app/contract/snapshot.ts";
import { createEngine } from "../../app/engine/engine.ts";
import type { EngineOptions } from "../../app/engine/engine-options.ts";
import type { EngineEvent, EngineHandle } from "../../app/engine/engine-handle.ts";
import { loadNativeAddon } from "../../app/forward/native-addon.ts";
import { usedEndpoints } from "../../app/engine/route-targets.ts";
import { lookThrough } from "./secret-search.ts";

export interface RunningEngine {
  readonly engine: EngineHandle;
  readonly events: readonly EngineEvent[];
  /** Validates and applies a document; fails the test where it is not valid. */
  apply(document: unknown, graceMs?: number): Promise<void>;
  snapshot(): Promise<Snapshot>;
  route(id: string): Promise<RouteStatus>;
  /** Every activity entry so far. */
  activity(): Promise<readonly ActivityEntry[]>;
  /** Polls the snapshot until `look` gives something. */
  until<T>(look: (snapshot: Snapshot) => T | null | undefined | false): Promise<T>;
  /** The only open connection, once there is one. */
  connection(): Promise<ConnectionStatus>;
}

const cleanups: (() => Promise<void> | void)[] = [];

/** To be run after the test, last first. */
export function cleanUp(step: () => Promise<void> | void): void {
  cleanups.push(step);
}

/** Frees what a test opened, and fails it where the engine left a connection behind. */
export function cleanUpAfterEach(): void {
  afterEach(runCleanups);
}

/** All of them, also behind one that fails. */
export async function runCleanups(): Promise<void> {
  const step = cleanups.pop();
  if (!step) return;
  try {
    await step();
  } finally {
    await runCleanups();
  }
}

const waitMs = 30_000;
const pollMs = 20;

/** Polls until `look` gives something; fails the test after half a minute. */
export async function until<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  what = "it",
): Promise<T> {
  const giveUp = Date.now() + waitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > giveUp) throw new Error(`${what} did not happen within ${waitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** As in the product: the native mover where it is built. */
const native = loadNativeAddon(join(import.meta.dirname, "../../dist/native/shunt.node"));

/** Runs a document; returns when every used backend has been probed once; probes no more, and reads no statistics, for ten minutes. */
export async function runEngine(document: unknown, options: EngineOptions = {}): Promise<RunningEngine> {
  const engine = createEngine({
    native,
    probeIntervalMs: 600_000,
    probeDownIntervalMs: 600_000,
    statistics: { delayMs: 600_000 },
    ...options,
  });
  const events: EngineEvent[] = [];
  engine.onEvent((event) => events.push(event));
  const snapshot = () => engine.snapshot();
  let used: ReadonlySet<string> = new Set();
  const running: RunningEngine = {
    engine,
    events,
    async apply(next, graceMs = 0) {
      const parsed = parseConfig(next, {});
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      used = usedEndpoints(parsed.value.resolved);
      await engine.apply(parsed.value.resolved, graceMs);
    },
    snapshot,
    route: async (id) => {
      const found = (await snapshot()).routes.find((route) => route.id === id);
      if (!found) throw new Error(`no route ${id}`);
      return found;
    },
    activity: () => engine.activity(),
    until: (look) => until(async () => look(await snapshot()), "the expected snapshot"),
    connection: () => running.until(({ connections }) => (connections.length === 1 ? connections[0] : null)),
  };
  cleanUp(async () => {
    await engine.close(0);
    const ended = await engine.snapshot();
    lookThrough([
      "an engine",
      {
        activity: JSON.stringify(await engine.activity()),
        snapshot: JSON.stringify(ended),
        history: JSON.stringify(await engine.history()),
        events: JSON.stringify(events),
      },
    ]);
    const { connections, routes, backends } = ended;
    expect(connections, "connections left open").toEqual([]);
    for (const { id, connections: counts } of routes) expect(counts.open, `open count of ${id}`).toBe(0);
    for (const { id, connections: open } of backends) expect(open, `open count of ${id}`).toBe(0);
  });
  await running.apply(document);
  await running.until(({ backends }) =>
    backends.every(({ id, endpoints }) =>
      endpoints.every(({ kind, health }) => health !== "unknown" || !used.has(`${id} ${kind}`)),
    ),
  );
  return running;
}
