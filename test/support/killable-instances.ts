/** Two sandbox instances that replicate to each other, each in a process of its own, to be killed with SIGKILL. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { BackendConfig } from "../../app/contract/config.ts";
import type { InstancePorts } from "../../app/sandbox/port-plan.ts";
import { cleanUp } from "./running-engine.ts";
import { freePort } from "./free-port.ts";

interface KillableInstances {
  readonly backends: readonly BackendConfig[];
  readonly ports: Readonly<Record<string, InstancePorts>>;
  /** Ends the process at once, as `kill -9` does; resolves when it is gone. */
  kill(name: string): Promise<void>;
  downgrade(name: string): void;
}

export async function startKillableInstances(): Promise<KillableInstances> {
  const folder = mkdtempSync(join(tmpdir(), "shunt-instances-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(folder, "instance.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "../guard/instance-child.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "silent",
  });
  const ports: Record<string, InstancePorts> = {};
  for (const name of ["amps-a", "amps-b"])
    ports[name] = {
      amps: await freePort(),
      websocket: await freePort(),
      admin: await freePort(),
      replication: await freePort(),
    };
  const children = new Map<string, ChildProcess>();
  for (const name of Object.keys(ports)) children.set(name, await startInstance(script, name, ports));
  const kill = async (name: string): Promise<void> => {
    const child = children.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  cleanUp(async () => {
    for (const name of children.keys()) await kill(name);
  });
  return {
    backends: Object.entries(ports).map(([id, { amps, admin }]) => ({
      id,
      amps: `tcp://127.0.0.1:${amps}`,
      admin: `http://127.0.0.1:${admin}`,
    })),
    ports,
    kill,
    downgrade: (name) => void children.get(name)?.stdin?.write("downgrade\n"),
  };
}

function startInstance(script: string, name: string, ports: object): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, name, JSON.stringify(ports)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (text: Buffer) => (said = `${said}${text.toString()}`.slice(-2_000)));
    child.stdout.once("data", () => resolve(child));
    child.once("exit", (code) => reject(new Error(`${name} ended at once (${code}): ${said}`)));
  });
}
