/** The command line, bundled as `scripts/bundle.mjs` does it into a folder of its own, and run as a child. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";
import { cleanUp, until } from "../support/running-engine.ts";
import { watchShunt } from "../support/shunt-child.ts";

const folder = mkdtempSync(join(tmpdir(), "shunt-cli-"));
const root = join(import.meta.dirname, "../..");

/** Bundles once for the file that calls it. */
export function buildBeforeAll(): void {
  beforeAll(async () => {
    await build({
      absWorkingDir: root,
      entryPoints: {
        shunt: "main/cli/shunt.ts",
        "sandbox-thread": "main/threads/sandbox-thread.ts",
        "export-thread": "main/threads/export-thread.ts",
        "save-thread": "main/threads/save-thread.ts",
      },
      outdir: join(folder, "main"),
      outExtension: { ".js": ".cjs" },
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node18",
      external: ["*.node"],
      define: { "import.meta.url": "__moduleUrl", "import.meta.dirname": "__dirname" },
      banner: { js: 'const __moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
      logLevel: "error",
    });
    mkdirSync(join(folder, "renderer"));
    writeFileSync(join(folder, "renderer/index.html"), "<!doctype html><title>Shunt</title>");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
}

/** The bundled program, for tests that start it by other means. */
export function builtCli(): string {
  return join(folder, "main/shunt.cjs");
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Standard output so far. */
  stdout(): string;
  stderr(): string;
  /** Whole lines of standard output so far, read as JSON. */
  lines(): readonly Record<string, unknown>[];
  /** The first line of standard output that `look` accepts. */
  line(look: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  readonly ended: Promise<Ended>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Ended>;
}

/** Starts `shunt …`; it is killed after the test where it has not ended. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
  const child = spawn(process.execPath, [join(folder, "main/shunt.cjs"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
  const watched = watchShunt(child);
  cleanUp(async () => {
    child.kill("SIGKILL");
    await ended;
    watched.look("a command");
  });
  const lines = () =>
    stdout
      .split("\n")
      .slice(0, -1)
      .map((text) => JSON.parse(text) as Record<string, unknown>);
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    lines,
    line: (look) => until(() => lines().find(look), `a line of ${JSON.stringify(args)} (${stderr})`),
    ended,
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** Runs `shunt …` to its end. */
export function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return startCli(args, env).ended;
}
