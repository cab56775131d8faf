/** What the run of the tests itself has shown: where the secrets of its tests were looked for (test/support/secret-run.ts). */
import { existsSync, readFileSync } from "node:fs";

/** The title of the result, for the row that is read from it. */
export const secretSearchTitle = "secrets are looked for where each Shunt of the run ends";

/**
 * The sum that a run has left as a result beside those of its tests, none where it started no Shunt. It says how many of the
 * test files ran: a proof runs those that rows name, `npm test` all of them.
 * @param {string} file
 * @returns {readonly import("./judge.mjs").TestResult[]}
 */
export function secretSearchOf(file) {
  if (!existsSync(file)) return [];
  /** @type {{ files: number, all: number, said: string, sinks: Record<string, number>, found: readonly string[] }} */
  const { files, all, said, sinks, found } = JSON.parse(readFileSync(file, "utf8"));
  if (Object.keys(sinks).length === 0) return [];
  return [
    {
      file: "",
      title: secretSearchTitle,
      status: found.length > 0 ? "failed" : "passed",
      figure: `${files} of ${all} test files ran: ${said}: ${found.length} found`,
      problem: found[0] ?? null,
    },
  ];
}
