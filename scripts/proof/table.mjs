/** docs/proof.md from the verdicts. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";

/** What was measured on: `Linux 6.1, 2 × Intel …, 24 GiB, Node.js v20.20.2`. */
export function describeMachine() {
  const gib = Math.round(totalmem() / 1024 ** 3);
  const [cpu] = cpus();
  return `${systemName()} (${release()}), ${availableParallelism()} × ${cpu?.model.trim() ?? "processor"}, ${gib} GiB, Node.js ${process.version}`;
}

function systemName() {
  try {
    return /^PRETTY_NAME="(.+)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}

/**
 * @param {readonly { title: string, verdicts: readonly import("./judge.mjs").Verdict[] }[]} groups
 * @param {{ isNight: boolean, minutes: number, machine: string, now?: Date }} about
 * @returns {string}
 */
export function writeTable(groups, { isNight, minutes, machine, now = new Date() }) {
  const all = groups.flatMap(({ verdicts }) => verdicts);
  const count = (/** @type {string} */ verdict) => all.filter((one) => one.verdict === verdict).length;
  const command = isNight ? "npm run proof -- --night" : "npm run proof";
  return `${[
    "# Proof",
    "",
    "What Shunt promises, what was measured, and whether it met its mark. This file is written by the command and never by hand;",
    "a row that does not meet its mark stays here as failed. Rows and marks are in `scripts/proof/rows.mjs`, the measured programs",
    "in `test/proof/`; the other rows are read from the tests of `npm test`.",
    "",
    `\`${command}\` on ${now.toISOString().slice(0, 10)}, ${machine}; ${minutes} min.`,
    `${count("pass")} passed, ${count("FAIL")} failed, ${count("not run")} not run.`,
    ...groups.flatMap(({ title, verdicts }) => [
      "",
      `## ${title}`,
      "",
      "| row | what | mark | measured | verdict |",
      "| --- | --- | --- | --- | --- |",
      ...verdicts.map(rowLine),
    ]),
  ].join("\n")}\n`;
}

/**
 * One row of the table.
 * @param {import("./judge.mjs").Verdict} verdict
 * @returns {string}
 */
export function rowLine({ row, verdict, figure }) {
  const cells = [row.id, row.what, row.mark, figure, verdict === "FAIL" ? "**FAIL**" : verdict];
  return `| ${cells.map(cell).join(" | ")} |`;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll("|", "\\|").replace(/\s+/g, " ");
}
