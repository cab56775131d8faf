/** Compiles native/ into a Node-API addon, where there is a C compiler and Node's headers; Linux only. */
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./setup/child.mjs";
import { findProgram } from "./setup/needs.mjs";
import { root } from "./setup/paths.mjs";
import { SetupFailure, say } from "./setup/report.mjs";

const sources = readdirSync(join(root, "native")).filter((name) => name.endsWith(".c"));
const compileTimeoutMs = 120_000;

/**
 * What is needed to compile, or why it cannot be done here.
 * @returns {{ compiler: string, headers: string } | { missing: string }}
 */
export function nativeTools() {
  if (process.platform !== "linux") return { missing: "it is for Linux" };
  const compiler = findProgram("cc") ?? findProgram("gcc") ?? findProgram("clang");
  if (compiler === null) return { missing: "there is no C compiler" };
  const headers = [
    join(dirname(realpathSync(process.execPath)), "../include/node"),
    "/usr/include/node",
  ].find((folder) => existsSync(join(folder, "node_api.h")));
  return headers === undefined ? { missing: "Node.js's headers are not installed" } : { compiler, headers };
}

/**
 * Builds the addon, or takes an old one away and says why. A compiler that fails is told of and leaves none either:
 * everything works without it.
 * @param {{ output?: string, sanitize?: string | null }} [options] `sanitize`: what -fsanitize is to be, for tests
 * @returns {Promise<boolean>} whether it is there
 */
export async function buildNative({ output = join(root, "dist/native/shunt.node"), sanitize = null } = {}) {
  const tools = nativeTools();
  if ("missing" in tools) {
    rmSync(output, { force: true });
    say(`the native mover is not built, and done without: ${tools.missing}`);
    return false;
  }
  mkdirSync(dirname(output), { recursive: true });
  const fresh = `${output}.new`;
  const end = await run(
    tools.compiler,
    [
      ...[
        "-std=c11",
        "-O2",
        "-g",
        "-Wall",
        "-Wextra",
        "-Wshadow",
        "-fPIC",
        "-shared",
        "-pthread",
        "-fvisibility=hidden",
      ],
      ...(sanitize === null ? [] : [`-fsanitize=${sanitize}`, "-fno-omit-frame-pointer"]),
      ...["-I", tools.headers, ...sources.map((name) => join(root, "native", name)), "-o", fresh],
    ],
    { cwd: root, timeoutMs: compileTimeoutMs },
  );
  if (end.code !== 0) {
    rmSync(output, { force: true });
    if (sanitize !== null) throw new SetupFailure(`native/ cannot be compiled:\n${end.output.trim()}`);
    say(`the native mover cannot be compiled here, and is done without:\n${end.output.trim()}`);
    return false;
  }
  // In one step: a running process keeps the file that it has mapped.
  renameSync(fresh, output);
  return true;
}
