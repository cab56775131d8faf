/** Some rows of a proof measured again: which tests that takes, and their place in the table that is there. Pure. */

/**
 * Ids behind `--rows`, as in `--rows L1,L2`; null where all rows are wanted. Throws where one is no row's.
 * @param {readonly string[]} args
 * @param {readonly import("./rows.mjs").Row[]} rows
 * @returns {readonly import("./rows.mjs").Row[] | null}
 */
export function chosenRows(args, rows) {
  const at = args.indexOf("--rows");
  if (at < 0) return null;
  const ids = (args[at + 1] ?? "").split(",").filter((id) => id !== "");
  const unknown = ids.filter((id) => !rows.some((row) => row.id === id));
  if (ids.length === 0 || unknown.length > 0)
    throw new Error(
      `--rows wants ids of rows, as in --rows L1,L2${unknown.length > 0 ? `; there is no ${unknown.join(", ")}` : ""}`,
    );
  return rows.filter(({ id }) => ids.includes(id));
}

/**
 * Arguments for vitest that run the measured programs of some rows, and nothing else of those files; null where they have none.
 * @param {readonly import("./rows.mjs").Row[]} rows
 * @returns {readonly string[] | null}
 */
export function measuredArguments(rows) {
  const files = new Set();
  const titles = new Set();
  for (const wanted of rows.flatMap(({ tests = [] }) => tests)) {
    if (typeof wanted === "string" || !wanted[0].endsWith(".proof.ts")) continue;
    files.add(wanted[0]);
    titles.add(wanted[1].source);
  }
  return files.size === 0 ? null : [...files, "-t", [...titles].join("|")];
}

/**
 * The document with these rows in place of what it says of them, counted anew.
 * @param {string} document
 * @param {ReadonlyMap<string, string>} lines by the row's id
 * @param {string} said what was done, a sentence
 * @returns {string}
 */
export function replaceRows(document, lines, said) {
  const idOf = (/** @type {string} */ line) => /^\| ([A-Z]\d+) \|/.exec(line)?.[1];
  const all = document.split("\n").map((line) => lines.get(idOf(line) ?? "") ?? line);
  const count = (/** @type {string} */ verdict) =>
    all.filter((line) => idOf(line) !== undefined && line.endsWith(`| ${verdict} |`)).length;
  const counts = `${count("pass")} passed, ${count("**FAIL**")} failed, ${count("not run")} not run.`;
  return all
    .flatMap((line) => (/^\d+ passed, \d+ failed, \d+ not run\.$/.test(line) ? [said, counts] : [line]))
    .join("\n");
}
