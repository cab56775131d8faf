/**
 * `npm run proof`: runs the measured programs and then the tests that rows name, and writes docs/proof.md, a row for every
 * promise of the plan. `--night` runs the long forms and writes docs/proof-night.md. `--rows L1,L2` runs what these rows take, and puts
 * them in their places of the document that is there. The machine should be idle: what is measured is a figure of this machine.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveElectron } from "./electron-runtime.mjs";
import { chosenRows, measuredArguments, replaceRows } from "./proof/again.mjs";
import { judge } from "./proof/judge.mjs";
import { groups } from "./proof/rows.mjs";
import { secretSearchOf } from "./proof/secret-search.mjs";
import { testFilesOf } from "./proof/test-files.mjs";
import { describeMachine, rowLine, writeTable } from "./proof/table.mjs";
import { standInFor } from "./setup/child.mjs";
import { ensureDebian } from "./setup/debian.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runScript, say, SetupFailure } from "./setup/report.mjs";

const isNight = process.argv.includes("--night");

const file = isNight ? "docs/proof-night.md" : "docs/proof.md";

await runScript(async () => {
  const rows = groups.flatMap((group) => group.rows);
  const chosen = chosenRows(process.argv, rows);
  if (chosen && !existsSync(join(root, file)))
    throw new SetupFailure(
      `there is no ${file} yet that rows could be put into: run it without --rows first`,
    );
  await prepare();
  await ensureDebian();
  await resolveElectron({ allowRegistry: true });
  const startedMs = performance.now();
  const results = chosen ? await runRows(chosen) : await runAll(rows);
  const minutes = Math.round((performance.now() - startedMs) / 60_000);
  const judged = groups.map(({ title, rows }) => ({
    title,
    verdicts: rows.filter((row) => chosen?.includes(row) ?? true).map((row) => judge(row, results, isNight)),
  }));
  const verdicts = judged.flatMap((group) => group.verdicts);
  const text = chosen
    ? putIntoDocument(verdicts)
    : writeTable(judged, { isNight, minutes, machine: describeMachine() });
  writeFileSync(join(root, file), text);
  const count = (/** @type {string} */ verdict) => verdicts.filter((one) => one.verdict === verdict).length;
  say(
    `${count("pass")} rows passed, ${count("FAIL")} failed, ${count("not run")} not run, in ${minutes} min: ${file}`,
  );
  return count("FAIL") > 0 ? 1 : 0;
});

/** Measured first and alone: nothing else may use the processors meanwhile. @param {readonly import("./proof/rows.mjs").Row[]} rows */
async function runAll(rows) {
  return [...(await runSuite(["--project", "proof"])), ...(await runTests(testFilesOf(rows)))];
}

/** @param {readonly import("./proof/rows.mjs").Row[]} chosen */
async function runRows(chosen) {
  const measured = measuredArguments(chosen);
  const files = testFilesOf(chosen);
  return [
    ...(measured ? await runSuite(["--project", "proof", ...measured]) : []),
    ...(files.length > 0 ? await runTests(files) : []),
  ];
}

/** Tests of `npm test`, and what their run as a whole has to say. @param {readonly string[]} files */
async function runTests(files) {
  const results = await runSuite(["--project", "fast", "--project", "e2e", ...files]);
  return [...results, ...secretSearchOf(join(root, "test-results/secrets.json"))];
}

/** @param {readonly import("./proof/judge.mjs").Verdict[]} verdicts */
function putIntoDocument(verdicts) {
  const lines = new Map(verdicts.map((verdict) => [verdict.row.id, rowLine(verdict)]));
  const said = `Measured again on ${new Date().toISOString().slice(0, 10)}, each in the place of what it showed before: ${[...lines.keys()].join(", ")}.`;
  return replaceRows(readFileSync(join(root, file), "utf8"), lines, said);
}

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
