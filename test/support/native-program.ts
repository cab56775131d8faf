/** Programs that try the native addon in a process of their own, also under sanitizers. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildNative, nativeTools } from "../../scripts/build-native.mjs";
import { cleanUp } from "./running-engine.ts";

interface ProgramEnd {
  readonly code: number | null;
  /** Standard output, and everything on standard error. */
  readonly out: string;
  readonly errors: string;
}

interface NativeProgram {
  readonly file: string;
  run(parameters: readonly string[], env?: NodeJS.ProcessEnv): Promise<ProgramEnd>;
  /** With an addon that the sanitizer watches, as the first parameter. */
  runSanitized(sanitizer: Sanitizer, parameters: readonly string[]): Promise<ProgramEnd>;
}

type Command = readonly [program: string, parameters: string[]];

interface Sanitizer {
  readonly name: string;
  /** Why it cannot be used here; null where it can. */
  readonly missing: string | null;
  /** As -fsanitize has it. */
  readonly flags: string;
  readonly env: NodeJS.ProcessEnv;
  /** Node.js with the parameters. */
  readonly node: (...parameters: string[]) => Command;
}

/** `library`: of the compiler, to be loaded before everything else. */
function sanitizer(how: Omit<Sanitizer, "missing">, library: string): Sanitizer {
  const tools = nativeTools();
  if ("missing" in tools) return { ...how, missing: tools.missing };
  const file = execFileSync("cc", [`-print-file-name=${library}`], { encoding: "utf8" }).trim();
  if (!existsSync(file)) return { ...how, missing: `the compiler has no ${library}` };
  const env = { ...how.env, LD_PRELOAD: file };
  const { status } = spawnSync(...how.node("-e", "0"), { env: { ...process.env, ...env } });
  return { ...how, env, missing: status === 0 ? null : `Node.js does not start with ${library}` };
}

const sanitizers: readonly Sanitizer[] = [
  sanitizer(
    {
      name: "AddressSanitizer",
      flags: "address,undefined",
      // Node itself never frees some of what it allocates at start.
      env: {
        ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1",
        UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
      },
      node: (...parameters) => [process.execPath, parameters],
    },
    "libasan.so",
  ),
  sanitizer(
    {
      name: "ThreadSanitizer",
      flags: "thread",
      // Node is not compiled for it: what its threads do among themselves would be taken for races.
      env: { TSAN_OPTIONS: "ignore_noninstrumented_modules=1:halt_on_error=1" },
      // It wants memory where it expects it: no random addresses (setarch(8)).
      node: (...parameters) => ["setarch", ["-R", process.execPath, ...parameters]],
    },
    "libtsan.so",
  ),
];

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
  const spawned = (command: Command, env: NodeJS.ProcessEnv) =>
    new Promise<ProgramEnd>((resolve) => {
      const child = spawn(...command, { env: { ...process.env, ...env } });
      cleanUp(() => void child.kill("SIGKILL"));
      let [out, errors] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
      child.on("close", (code) => resolve({ code, out, errors }));
    });
  return {
    file,
    run: (parameters, env = {}) => spawned([process.execPath, [file, ...parameters]], env),
    async runSanitized({ flags, env, node }, parameters) {
      const output = join(folder, "sanitized.node");
      await buildNative({ output, sanitize: flags });
      return spawned(node(file, output, ...parameters), env);
    },
  };
}

/** A test for each sanitizer: the program under it, with 500 connections (SHUNT_SANITIZED_CONNECTIONS: more) from a seed. */
export function testSanitized(
  program: NativeProgram,
  check: (tally: Readonly<Record<string, number>>) => void,
): void {
  const count = Number(process.env["SHUNT_SANITIZED_CONNECTIONS"] ?? "500");
  for (const one of sanitizers) {
    const whyNot = one.missing === null ? "" : ` (${one.missing})`;
    test.skipIf(whyNot !== "")(
      `${one.name} finds nothing in ${count.toLocaleString("en")} of them${whyNot}`,
      { timeout: 180_000 },
      async () => {
        const { code, out, errors } = await program.runSanitized(one, [String(count), "11"]);
        expect(errors).toBe("");
        expect(code).toBe(0);
        check(JSON.parse(out) as Record<string, number>);
      },
    );
  }
}
