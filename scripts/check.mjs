/** `npm run check`: format, lint, types, unused code, import directions, and the fast tests. Every check runs; all findings are shown. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, standInFor } from "./setup/child.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runScript, say } from "./setup/report.mjs";

/** One folder of sources, one tsconfig. */
const typedFolders = ["app", "main", "renderer", "test", "scripts"];

/** @type {readonly { name: string, file: string, args: readonly string[] }[]} */
const checks = [
  {
    name: "lint",
    file: "eslint/bin/eslint.js",
    // Without a cache: a type-aware finding depends on files that a cache does not look at.
    args: [".", "--max-warnings", "0"],
  },
  ...typedFolders.map((folder) => ({
    name: `types of ${folder}/`,
    // The native compiler; `typescript` itself, an older one, is what lint needs (decision 94).
    file: "typescript-7/bin/tsc",
    args: ["-p", folder, "--singleThreaded"],
  })),
  {
    name: "format",
    file: "prettier/bin/prettier.cjs",
    args: [".", "--check", "--log-level", "warn", "--cache", "--cache-strategy", "content"],
  },
  {
    name: "unused code",
    file: "knip/bin/knip.js",
    args: ["--no-progress"],
  },
  {
    name: "import directions",
    file: "dependency-cruiser/bin/dependency-cruise.mjs",
    args: ["--config", "dependency-cruiser.config.mjs", "app", "main", "renderer", "test", "scripts"],
  },
];

/**
 * Runs every check but the tests.
 * @returns {Promise<string[]>} the names of those that failed
 */
export async function runChecks() {
  const waiting = [...checks];
  /** @type {string[]} */
  const failed = [];
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const end = await run(process.execPath, [join(root, "node_modules", check.file), ...check.args], {
        cwd: root,
      });
      say(`${check.name}: ${end.code === 0 ? "ok" : "FAILED"} (${(end.lastedMs / 1000).toFixed(1)} s)`);
      if (end.code === 0) continue;
      process.stderr.write(end.output);
      failed.push(check.name);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return failed;
}

/** Runs vitest in this process's place. @param {readonly string[]} args @returns {Promise<number>} its exit code */
export async function runVitest(args) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { code } = await standInFor(process.execPath, [vitest, "run", ...args], { cwd: root });
  return code;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    // Tests of the command line, of threads and of the native mover run what is built.
    await prepare();
    const failed = await runChecks();
    const tests = await runVitest(["--project", "fast", ...process.argv.slice(2)]);
    if (failed.length > 0) say(`failed: ${failed.join(", ")}`);
    return failed.length > 0 ? 1 : tests;
  });
