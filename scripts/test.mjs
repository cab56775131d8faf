/**
 * `npm test`: everything from a bare checkout to the last end-to-end test. Arguments go to vitest.
 * `--quick` leaves out apt and the end-to-end suite.
 */
import { runChecks, runVitest } from "./check.mjs";
import { resolveElectron } from "./electron-runtime.mjs";
import { ensureDebian } from "./setup/debian.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runScript, say } from "./setup/report.mjs";
import { testPlan } from "./test-plan.mjs";

await runScript(async () => {
  const plan = testPlan(process.argv.slice(2));
  await prepare();
  if (plan.endToEnd) await provideForEndToEnd();
  const failed = plan.checks ? await runChecks() : [];
  const tests = await runVitest(plan.vitestArgs);
  // vitest's own summary is the last word, unless there is bad news that it does not know.
  if (failed.length > 0) say(`failed before the tests: ${failed.join(", ")}`);
  return failed.length > 0 ? 1 : tests;
});

async function provideForEndToEnd() {
  await ensureDebian();
  const electron = await resolveElectron({ allowRegistry: true });
  if ("missing" in electron) say(`the tests that need Electron are skipped: ${electron.missing}`);
}
