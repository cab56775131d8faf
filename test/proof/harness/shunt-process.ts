/** Shunt headless in a process of its own, watched from outside: memory, processor, descriptors, event loop. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../../scripts/setup/paths.mjs";
import type { ReadyLine } from "../../support/headless-app.ts";
import { cleanUp, until } from "../../support/running-engine.ts";
import { heapDataMb } from "./heap-data.ts";

export interface LoopDelay {
  readonly p99Ms: number;
  readonly maxMs: number;
  /** What is in use once garbage has been collected. */
  readonly heapMb: number;
}

export interface ShuntProcess {
  readonly pid: number;
  readonly ready: ReadyLine;
  /** From the start of the process to its ready line. */
  readonly startedInMs: number;
  rssKb(): number;
  /** Processor time so far, in milliseconds. */
  cpuMs(): number;
  openFds(): number;
  /** Since the last call. */
  loop(): Promise<LoopDelay>;
  /** Once garbage has been collected: all, and Shunt's own data, without V8's code. It stands still for a second meanwhile. */
  heap(): Promise<{ readonly heapMb: number; readonly dataMb: number }>;
  /** A request of the local API with its token; resolves with the JSON answer. */
  api(path: string, method?: string, body?: unknown): Promise<unknown>;
  isAlive(): boolean;
  signal(name: NodeJS.Signals): void;
}

/** From `/proc`, whose processor times are in hundredths of a second on every Linux that Node runs on. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

interface ShuntProcessOptions {
  readonly fdLimit?: number;
  /** Files of the system that this process alone sees others for; needs root. */
  readonly inPlaceOf?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startShunt(
  document: unknown,
  { fdLimit = 20_000, inPlaceOf = {}, env = {} }: ShuntProcessOptions = {},
): Promise<ShuntProcess> {
  const folder = mkdtempSync(join(tmpdir(), "shunt-proof-"));
  const config = join(folder, "config.json");
  const loopFile = join(folder, "loop.json");
  writeFileSync(config, JSON.stringify(document), { mode: 0o600 });
  const startedAt = performance.now();
  const mounts = Object.entries(inPlaceOf).map(([file, other]) => `mount --bind '${other}' '${file}' && `);
  const command = `${mounts.join("")}ulimit -n "$1"; shift; exec "$@"`;
  const [shell = "bash", ...apart] = mounts.length > 0 ? ["unshare", "-m", "bash"] : ["bash"];
  const parameters = [
    "--expose-gc",
    "--require",
    join(import.meta.dirname, "loop-probe.cjs"),
    join(root, "dist/main/shunt.cjs"),
  ];
  const child = spawn(
    shell,
    [
      ...apart,
      "-c",
      command,
      "bash",
      String(fdLimit),
      process.execPath,
      ...parameters,
      "serve",
      "--config",
      config,
      "--json",
    ],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env, SHUNT_LOOP_FILE: loopFile } },
  );
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  cleanUp(async () => {
    child.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  const ready = await readyLine(child.stdout, exited);
  const startedInMs = performance.now() - startedAt;
  child.stdout.resume();
  const pid = child.pid ?? 0;
  const loop = async (): Promise<LoopDelay> => {
    rmSync(loopFile, { force: true });
    child.kill("SIGUSR2");
    await until(() => existsSync(loopFile), "the loop's figures");
    return JSON.parse(readFileSync(loopFile, "utf8")) as LoopDelay;
  };
  return {
    pid,
    ready,
    startedInMs,
    rssKb: () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]),
    cpuMs: () => cpuOf(pid),
    openFds: () => readdirSync(`/proc/${pid}/fd`).length,
    loop,
    async heap() {
      const snapshot = `${loopFile}.heap`;
      writeFileSync(snapshot, "");
      const { heapMb } = await loop();
      const dataMb = heapDataMb(snapshot);
      rmSync(snapshot);
      return { heapMb, dataMb };
    },
    async api(path, method = "GET", body) {
      const answer = await fetch(`${ready.api}${path}`, {
        method,
        headers: { authorization: `Bearer ${ready.token}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return answer.json();
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    signal: (name) => void child.kill(name),
  };
}

function readyLine(stdout: NodeJS.ReadableStream, exited: Promise<void>): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (chunk: Buffer): void => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end < 0) return;
      stdout.off("data", onData);
      resolve(JSON.parse(text.slice(0, end)) as ReadyLine);
    };
    stdout.on("data", onData);
    void exited.then(() => reject(new Error(`shunt ended: ${text.slice(-500)}`)));
  });
}
