/** Starts `backend-child.ts` as a process of its own. */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { cleanUp } from "../../support/running-engine.ts";

export interface BackendProcess {
  readonly port: number;
  /** kill -9. */
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

type BackendMode = "echo" | "flood" | "upgrade";

export async function startBackendProcess(
  mode: BackendMode,
  { port: wanted = 0, backlog = 4_096 } = {},
): Promise<BackendProcess> {
  const folder = mkdtempSync(join(tmpdir(), "shunt-proof-backend-"));
  const script = join(folder, "backend.cjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "backend-child.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
  });
  const child = fork(script, [mode, String(wanted), String(backlog)], { stdio: "inherit" });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  cleanUp(kill);
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { port: number }).port));
    child.once("exit", () => reject(new Error("the backend ended at once")));
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
  return { port, kill, signal: (name) => void child.kill(name) };
}
