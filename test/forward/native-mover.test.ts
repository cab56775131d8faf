/** The native mover under many random connections, under AddressSanitizer, and on a thread that is ended under it. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildNative } from "../../scripts/build-native.mjs";
import { builtNative } from "../support/native.ts";
import { cleanUp, cleanUpAfterEach, until } from "../support/running-engine.ts";

cleanUpAfterEach();

const native = builtNative();
const missing = "missing" in native;
const why = missing ? ` (${native.missing})` : "";
const folder = mkdtempSync(join(tmpdir(), "shunt-native-"));
const program = join(folder, "many-connections.mjs");
const addonFile = join(import.meta.dirname, "../../dist/native/shunt.node");
const longMs = 180_000;

beforeAll(async () => {
  await build({
    entryPoints: { "many-connections": join(import.meta.dirname, "many-connections.ts") },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program; what it printed on standard output, and everything on standard error. */
function run(
  parameters: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; out: string; errors: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...parameters], { env: { ...process.env, ...env } });
    cleanUp(() => void child.kill("SIGKILL"));
    let [out, errors] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("close", (code) => resolve({ code, out, errors }));
  });
}

test.skipIf(missing)(
  `10,000 random connections arrive whole, or end as they were ended${why}`,
  { timeout: longMs },
  async () => {
    const { code, out, errors } = await run([addonFile, "10000", "7"]);
    expect(errors).toBe("");
    expect(code).toBe(0);
    const tally = JSON.parse(out) as Record<string, number>;
    expect(tally["connections"]).toBe(10_000);
    // Those that are cut or reset at once are over before anything could be taken over.
    expect(tally["taken"]).toBeGreaterThan(9_000);
    for (const end of ["clean", "broken", "cut"]) expect(tally[end], end).toBeGreaterThan(500);
  },
);

const asan = missing ? "" : execFileSync("cc", ["-print-file-name=libasan.so"], { encoding: "utf8" }).trim();

test.skipIf(!existsSync(asan))(
  "AddressSanitizer finds nothing in 500 of them",
  { timeout: longMs },
  async () => {
    const output = join(folder, "sanitized.node");
    await buildNative({ output, sanitize: true });
    const { code, out, errors } = await run([output, process.env["SHUNT_ASAN_CONNECTIONS"] ?? "500", "11"], {
      LD_PRELOAD: asan,
      // Node itself never frees some of what it allocates at start.
      ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1",
      UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
    });
    expect(errors).toBe("");
    expect(code).toBe(0);
    expect((JSON.parse(out) as { taken: number }).taken).toBeGreaterThan(400);
  },
);

test.skipIf(missing)(
  `a thread that is ended under it takes its connections with it, and leaves no descriptor behind${why}`,
  { timeout: longMs },
  async () => {
    const openDescriptors = () => readdirSync("/proc/self/fd").length;
    const before = openDescriptors();
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(program, { argv: [addonFile, "1000000", String(round + 1)] });
      let failed: unknown = null;
      worker.on("error", (error) => (failed = error));
      await until(() => failed ?? openDescriptors() > before + 100, "traffic in the worker");
      await worker.terminate();
      expect(failed).toBeNull();
    }
    await until(() => openDescriptors() <= before + 5, "every descriptor closed");
  },
);
