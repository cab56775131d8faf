/** `shunt sandbox`: simulated instances on their own, and a configuration for them. */
import { existsSync, writeFileSync } from "node:fs";
import { keepBackup, serialiseConfig } from "../../app/config/config-file.ts";
import { isPassing } from "../../app/config/passing-file.ts";
import { createSandbox } from "../../app/sandbox/sandbox.ts";
import { untilSignal } from "./until-signal.ts";

const stopWithinMs = 2_000;

interface SandboxFlags {
  readonly basePort: number;
  readonly instances: number;
  readonly configOut?: string;
}

export async function runSandbox(flags: SandboxFlags): Promise<void> {
  const signal = untilSignal();
  const sandbox = createSandbox();
  const reply = await sandbox.start({ demo: true, basePort: flags.basePort, instances: flags.instances });
  if (!reply.ok) {
    process.stderr.write(`shunt: ${reply.failure.message} ${reply.failure.advice}\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write("Sandbox: simulated AMPS instances, no real data.\n");
  for (const { name, ports } of reply.value.instances) {
    process.stdout.write(
      `${name}: amps ${ports.amps}, websocket ${ports.websocket}, admin http://127.0.0.1:${ports.admin}/, replication ${ports.replication}\n`,
    );
  }
  if (flags.configOut !== undefined) {
    try {
      if (existsSync(flags.configOut) && !isPassing(flags.configOut)) keepBackup(flags.configOut);
      writeFileSync(flags.configOut, serialiseConfig(await sandbox.config()), { mode: 0o600 });
      process.stdout.write(`Configuration written to ${flags.configOut}\n`);
    } catch (error) {
      process.stderr.write(
        `shunt: ${flags.configOut} could not be written: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      process.exitCode = 1;
      await sandbox.stop();
      return;
    }
  }
  await signal;
  // Whatever does not stop in time ends with the process.
  await Promise.race([sandbox.stop(), new Promise((resolve) => setTimeout(resolve, stopWithinMs))]);
  process.exit();
}
