/** The commands of the sandbox: its simulated instances, and its rows in the operator's configuration. */
import type { CommandHandlers, Reply } from "../contract/commands.ts";
import type { SandboxStatus } from "../contract/sandbox.ts";
import type { EngineHandle } from "../engine/engine-handle.ts";
import { accept } from "../failures.ts";
import type { SandboxHandle } from "../sandbox/sandbox-handle.ts";
import { defaultGraceMs, type Configuration } from "./configuration.ts";
import { addSandbox, removeSandbox } from "./sandbox-config.ts";

const instances = 2;

interface SandboxCommandsOptions {
  readonly sandbox: SandboxHandle;
  readonly configuration: Pick<Configuration, "saved" | "put">;
  readonly engine: Pick<EngineHandle, "note" | "suggestListen">;
  /** Of the first instance; the others follow. */
  readonly basePort: number;
}

export function sandboxHandlers(
  options: SandboxCommandsOptions,
): Pick<CommandHandlers, "sandbox.status" | "sandbox.start" | "sandbox.stop" | "sandbox.act"> {
  const { sandbox, engine } = options;
  return {
    "sandbox.status": async () => accept(await sandbox.status()),
    "sandbox.start": () => start(options),
    "sandbox.stop": ({ remove }) => stop(options, remove),
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
}

async function start(options: SandboxCommandsOptions): Promise<Reply<SandboxStatus>> {
  const { sandbox, configuration, engine, basePort } = options;
  const { running } = await sandbox.status();
  const started = await sandbox.start({ demo: true, instances, basePort });
  if (!started.ok) return started;
  const suggest = (listen: string) => engine.suggestListen(listen);
  const merged = await addSandbox(configuration.saved().config, await sandbox.config(), suggest);
  const reply = await configuration.put(merged, defaultGraceMs);
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
}

async function stop(
  { sandbox, configuration, engine }: SandboxCommandsOptions,
  remove: boolean,
): Promise<Reply<SandboxStatus>> {
  const status = await sandbox.stop();
  await engine.note({ event: "sandbox-stopped", severity: "info", message: "The sandbox was stopped." });
  const reply = remove ? await configuration.put(removeSandbox(configuration.saved().config), 0) : null;
  return reply && !reply.ok ? reply : accept(status);
}
