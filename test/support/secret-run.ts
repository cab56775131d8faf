/**
 * Around a whole run of the tests: a seed for their secrets before it, and behind it the sum of where they were looked for, in
 * test-results/secrets.json. A whole run that left a sink or a kind of secret out has failed; one of chosen tests has not.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { root } from "../../scripts/setup/paths.mjs";
import { available } from "./available.ts";
import { describeTally, missingIn, sumTally } from "./secret-tally.ts";

const results = path.join(root, "test-results/secrets.json");

export async function setup({ vitest }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(path.join(tmpdir(), "shunt-secrets-"));
  process.env["SHUNT_SECRET_SEED"] = randomBytes(8).toString("hex");
  process.env["SHUNT_SECRET_TALLY"] = folder;
  rmSync(results, { force: true });
  const projects = vitest.projects.map(({ name }) => name);
  const all = (await vitest.globTestSpecifications()).length;
  return () => {
    const tally = sumTally(folder);
    rmSync(folder, { recursive: true, force: true });
    const files = vitest.state.getFiles().length;
    mkdirSync(path.dirname(results), { recursive: true });
    const said = describeTally(tally);
    writeFileSync(results, JSON.stringify({ files, all, said, ...tally }, null, 2));
    if (Object.keys(tally.sinks).length > 0) console.log(`${files} of ${all} test files: ${said}`);
    const isWhole = files === all && vitest.config.testNamePattern === undefined && hasAll();
    const missing = isWhole ? missingIn(tally, projects) : [];
    if (missing.length === 0) return;
    console.error(`no test of this whole run has looked at the end of, or used: ${missing.join(", ")}`);
    process.exitCode = 1;
  };
}

/** Tests that need a program which is not here are skipped by name. */
function hasAll(): boolean {
  return Object.entries(available).every(([name, here]) => here || name === "ipv6");
}
