/** From test results to the verdict on a row. Pure. */

/**
 * @typedef {{
 *   readonly file: string,
 *   readonly title: string,
 *   readonly status: string,
 *   readonly figure: string | null,
 *   readonly problem: string | null,
 * }} TestResult
 * @typedef {{ readonly row: import("./rows.mjs").Row, readonly verdict: "pass" | "FAIL" | "not run", readonly figure: string }} Verdict
 */

/**
 * @param {import("./rows.mjs").Row} row
 * @param {readonly TestResult[]} results
 * @param {boolean} isNight
 * @returns {Verdict}
 */
export function judge(row, results, isNight) {
  if (row.not !== undefined) return { row, verdict: "not run", figure: row.not };
  if (row.night && !isNight)
    return { row, verdict: "not run", figure: "a long row: `npm run proof -- --night`" };
  const matched = results.filter((result) => (row.tests ?? []).some((wanted) => matches(wanted, result)));
  const ran = matched.filter(({ status }) => status === "passed" || status === "failed");
  if (ran.length === 0) {
    const why = matched.length > 0 ? "skipped: what it needs is not on this machine" : "no test for it yet";
    return { row, verdict: "not run", figure: why };
  }
  const failed = ran.filter(({ status }) => status === "failed");
  const figures = ran.flatMap(({ figure }) => (figure === null ? [] : [figure]));
  const passed = `${ran.length - failed.length} of ${ran.length} tests`;
  const problems = failed.slice(0, 2).map(({ title, problem }) => `${title}: ${problem ?? "failed"}`);
  return {
    row,
    verdict: failed.length === 0 ? "pass" : "FAIL",
    figure: [...figures, ...(ran.length > figures.length ? [passed] : []), ...problems].join("; "),
  };
}

/**
 * @param {string | readonly [file: string, title: RegExp]} wanted
 * @param {TestResult} result
 */
function matches(wanted, { file, title }) {
  if (typeof wanted === "string") return file === wanted;
  const [where, titled] = wanted;
  return (where === "" || file === where) && titled.test(title);
}
