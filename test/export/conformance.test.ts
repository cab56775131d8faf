/**
 * The same traffic through Shunt itself, through NGINX and through HAProxy with the exported files. What became of it is
 * docs/export-conformance.md; `node scripts/export-conformance.mjs` writes that file anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { available } from "../support/available.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import type { Check } from "./conformance/check.ts";
import { startBackends } from "./conformance/backends.ts";
import { byteChecks } from "./conformance/checks-bytes.ts";
import { httpChecks } from "./conformance/checks-http.ts";
import { tableOf, type Row } from "./conformance/table.ts";
import { startWays } from "./conformance/ways.ts";

cleanUpAfterEach();

const patienceMs = 100_000;

async function outcome(run: Promise<string>): Promise<string> {
  let giveUp: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    giveUp = setTimeout(() => resolve("no end"), patienceMs);
  });
  const told = await Promise.race([run.catch((error: unknown) => `failed: ${String(error)}`), late]);
  clearTimeout(giveUp);
  return told;
}

test.skipIf(!available.nginxStream || !available.haproxy)(
  "Shunt, NGINX and HAProxy do with the same traffic what docs/export-conformance.md says",
  { timeout: 200_000 },
  async () => {
    const folder = tempFolder({});
    const backends = await startBackends(folder);
    const ways = await startWays(backends, folder);
    const checks = [...byteChecks(backends), ...httpChecks(backends)];
    const told = async ({ what, run }: Check): Promise<Row> => ({
      what,
      outcomes: await Promise.all(ways.map((way) => outcome(run(way)))),
    });
    const long = Promise.all(checks.filter(({ isLong }) => isLong).map(told));
    const rows: Row[] = [];
    for (const check of checks.filter(({ isLong }) => !isLong)) rows.push(await told(check));
    rows.push(...(await long));
    const table = tableOf(rows);
    const file = join(import.meta.dirname, "../../docs/export-conformance.md");
    if (process.env["SHUNT_WRITE_CONFORMANCE"] === "1") writeFileSync(file, table);
    expect(table).toBe(readFileSync(file, "utf8"));
  },
);
