/** A service with a real engine, a store that can be made to fail, and a sandbox that only says what it was told. */
import type { LoadedConfig } from "../../app/config/config-store.ts";
import type { Reply } from "../../app/contract/commands.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import type { LiveEvent } from "../../app/contract/live.ts";
import type { SandboxStatus } from "../../app/contract/sandbox.ts";
import { createEngine } from "../../app/engine/engine.ts";
import { accept, failure, refuse } from "../../app/failures.ts";
import type { SandboxHandle } from "../../app/sandbox/sandbox-handle.ts";
import { createService, type ShuntService } from "../../app/service/service.ts";
import { cleanUp } from "../support/running-engine.ts";
import { lookThrough } from "../support/secret-search.ts";

export interface RunningService {
  readonly service: ShuntService;
  readonly events: readonly LiveEvent[];
  /** Every document that was saved, oldest first. */
  readonly saves: readonly ShuntConfig[];
  readonly sandbox: FakeSandbox;
  /** From now on nothing can be saved, or again everything can. */
  failSaves(fail: boolean): void;
  /** The value of a command that must succeed. */
  ask<T = unknown>(name: string, argument?: unknown): Promise<T>;
  /** The code of a command that must fail. */
  refusal(name: string, argument?: unknown): Promise<string>;
}

interface FakeSandbox extends SandboxHandle {
  readonly calls: readonly string[];
  /** What `config` gives. */
  document: ShuntConfig;
  refuseStart: boolean;
}

function fakeSandbox(document: ShuntConfig): FakeSandbox {
  const calls: string[] = [];
  const listeners = new Set<(status: SandboxStatus) => void>();
  let status: SandboxStatus = { running: false, instances: [] };
  const become = (running: boolean): SandboxStatus => {
    status = { running, instances: [] };
    for (const listener of listeners) listener(status);
    return status;
  };
  const sandbox: FakeSandbox = {
    calls,
    document,
    refuseStart: false,
    start: async (options) => {
      calls.push(`start ${options.instances} from ${options.basePort}`);
      return sandbox.refuseStart ? refuse("SANDBOX_FAILED", "No.") : accept(become(true));
    },
    stop: async () => {
      calls.push("stop");
      return become(false);
    },
    act: async (instance, action) => {
      calls.push(`${action.do} ${instance}`);
      return instance === "amps-a" ? accept(status) : refuse("NOT_FOUND", `There is no ${instance}.`);
    },
    status: async () => status,
    config: async () => sandbox.document,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return sandbox;
}

interface ServiceSetting {
  readonly notice?: string | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly sandboxDocument?: ShuntConfig;
}

export async function runService(config: ShuntConfig, setting: ServiceSetting = {}): Promise<RunningService> {
  const saves: ShuntConfig[] = [];
  const events: LiveEvent[] = [];
  let failing = false;
  const loaded: LoadedConfig = { config, notice: setting.notice ?? null };
  const sandbox = fakeSandbox(setting.sandboxDocument ?? config);
  const service = createService({
    store: {
      file: "/somewhere/config.json",
      load: () => loaded,
      save(next) {
        if (failing) return failure("CONFIG_NOT_SAVED", "The disk is full.");
        saves.push(next);
        return null;
      },
    },
    engine: createEngine({ probeIntervalMs: 600_000, probeDownIntervalMs: 600_000 }),
    sandbox,
    about: { version: "1.2.3", runtime: "headless", engine: "Node.js", platform: "test" },
    env: setting.env ?? {},
    sandboxBasePort: 21_000,
  });
  service.onEvent((event) => events.push(event));
  cleanUp(async () => {
    const activity = await service.handle("activity.list", null);
    await service.close(0);
    lookThrough([
      "a service",
      {
        activity: JSON.stringify(activity),
        events: JSON.stringify(events),
        saves: JSON.stringify(saves),
      },
    ]);
  });
  await service.start();
  return {
    service,
    events,
    saves,
    sandbox,
    failSaves: (fail) => (failing = fail),
    async ask<T>(name: string, argument: unknown = null): Promise<T> {
      const reply = await service.handle(name, argument);
      if (!reply.ok) throw new Error(`${name}: ${JSON.stringify(reply.failure)}`);
      return reply.value as T;
    },
    async refusal(name, argument = null) {
      const reply: Reply<unknown> = await service.handle(name, argument);
      if (reply.ok) throw new Error(`${name} succeeded: ${JSON.stringify(reply.value)}`);
      return reply.failure.code;
    },
  };
}
