/**
 * `npm run proof`: runs the measured programs and then the tests that rows name, and writes docs/proof.md, a row for every
 * promise of the plan. `--night` runs the long forms and writes docs/proof-night.md. The machine should be idle: what is measured is a figure of this machine.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveElectron } from "./electron-runtime.mjs";
import { judge } from "./proof/judge.mjs";
import { groups } from "./proof/rows.mjs";
import { testFilesOf } from "./proof/test-files.mjs";
import { describeMachine, writeTable } from "./proof/table.mjs";
import { standInFor } from "./setup/child.mjs";
import { ensureDebian } from "./setup/debian.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runScript, say } from "./setup/report.mjs";

const isNight = process.argv.includes("--night");

await runScript(async () => {
  await prepare();
  await ensureDebian();
  await resolveElectron({ allowRegistry: true });
  const startedMs = performance.now();
  const rows = groups.flatMap((group) => group.rows);
  // Measured first and alone: nothing else may use the processors meanwhile.
  const results = [
    ...(await runSuite(["--project", "proof"])),
    ...(await runSuite(["--project", "fast", "--project", "e2e", ...testFilesOf(rows)])),
  ];
  const verdicts = groups.map(({ title, rows }) => ({
    title,
    verdicts: rows.map((row) => judge(row, results, isNight)),
  }));
  const minutes = Math.round((performance.now() - startedMs) / 60_000);
  const file = isNight ? "docs/proof-night.md" : "docs/proof.md";
  writeFileSync(join(root, file), writeTable(verdicts, { isNight, minutes, machine: describeMachine() }));
  const count = (/** @type {string} */ verdict) =>
    verdicts.flatMap((group) => group.verdicts).filter((one) => one.verdict === verdict).length;
  say(
    `${count("pass")} rows passed, ${count("FAIL")} failed, ${count("not run")} not run, in ${minutes} min: ${file}`,
  );
  return count("FAIL") > 0 ? 1 : 0;
});

/**
 * Runs vitest; its own exit code says nothing that the results do not.
 * @param {readonly string[]} args
 * @returns {Promise<import("./proof/judge.mjs").TestResult[]>}
 */
async function runSuite(args) {
  const folder = mkdtempSync(join(tmpdir(), "shunt-proof-"));
  const output = join(folder, "results.json");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${output}`];
  await standInFor(process.execPath, [vitest, "run", ...args, ...reporters], {
    cwd: root,
    env: { ...process.env, SHUNT_PROOF: isNight ? "night" : "day" },
  });
  try {
    const { testResults } = JSON.parse(readFileSync(output, "utf8"));
    return testResults.flatMap((/** @type {any} */ { name, assertionResults }) =>
      assertionResults.map((/** @type {any} */ one) => ({
        file: String(name).slice(root.length + 1),
        title: [...one.ancestorTitles, one.title].join(" "),
        status: one.status,
        figure: one.meta?.figure ?? null,
        problem: one.failureMessages?.[0]?.split("\n")[0] ?? null,
      })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
