/** Programs that try the native addon in a process of their own, also under AddressSanitizer. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";
import { buildNative, nativeTools } from "../../scripts/build-native.mjs";
import { cleanUp } from "./running-engine.ts";

export interface ProgramEnd {
  readonly code: number | null;
  /** Standard output, and everything on standard error. */
  readonly out: string;
  readonly errors: string;
}

export interface NativeProgram {
  readonly file: string;
  run(parameters: readonly string[], env?: NodeJS.ProcessEnv): Promise<ProgramEnd>;
  /** With an addon that AddressSanitizer and UBSan watch, as the first parameter. */
  runSanitized(parameters: readonly string[]): Promise<ProgramEnd>;
}

const asan =
  "missing" in nativeTools()
    ? ""
    : execFileSync("cc", ["-print-file-name=libasan.so"], { encoding: "utf8" }).trim();

export const hasSanitizer = existsSync(asan);

/** Bundles a TypeScript program of test/ before the tests of a file. */
export function nativeProgram(source: string): NativeProgram {
  const folder = mkdtempSync(join(tmpdir(), "shunt-native-"));
  const file = join(folder, basename(source).replace(/\.ts$/, ".mjs"));
  beforeAll(async () => {
    await build({
      entryPoints: [source],
      outfile: file,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node18",
      external: ["*.node"],
      // What is bundled and was CommonJS asks for these.
      banner: {
        js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url); const __dirname = import.meta.dirname;',
      },
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run: NativeProgram["run"] = (parameters, env = {}) =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [file, ...parameters], { env: { ...process.env, ...env } });
      cleanUp(() => void child.kill("SIGKILL"));
      let [out, errors] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
      child.on("close", (code) => resolve({ code, out, errors }));
    });
  return {
    file,
    run,
    async runSanitized(parameters) {
      const output = join(folder, "sanitized.node");
      await buildNative({ output, sanitize: true });
      return run([output, ...parameters], {
        LD_PRELOAD: asan,
        // Node itself never frees some of what it allocates at start.
        ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1",
        UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
      });
    },
  };
}
