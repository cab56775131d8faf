import { expect, test } from "vitest";
import { chosenRows, measuredArguments, replaceRows } from "../../scripts/proof/again.mjs";
import type { Row } from "../../scripts/proof/rows.mjs";
import { rowLine, writeTable } from "../../scripts/proof/table.mjs";

const rows: readonly Row[] = [
  { id: "L1", what: "held", mark: "0 lost", tests: [["test/proof/load.proof.ts", /^L1:/]] },
  {
    id: "L10",
    what: "more",
    mark: "0 | 1",
    tests: [["test/proof/load.proof.ts", /^L10:/], "test/a.test.ts"],
  },
  { id: "B6", what: "fuzz", mark: "0 throws", tests: ["test/b.test.ts"] },
];

test("rows are chosen by their ids, and one that is no row's is refused", () => {
  expect(chosenRows([], rows)).toBeNull();
  expect(chosenRows(["--night", "--rows", "B6,L1"], rows)?.map(({ id }) => id)).toEqual(["L1", "B6"]);
  expect(() => chosenRows(["--rows", "L1,L2"], rows)).toThrow("there is no L2");
  expect(() => chosenRows(["--rows"], rows)).toThrow("--rows wants ids");
});

test("of the measured programs only what the rows name is run", () => {
  expect(measuredArguments(rows)).toEqual(["test/proof/load.proof.ts", "-t", "^L1:|^L10:"]);
  expect(measuredArguments(rows.slice(2))).toBeNull();
});

test("a row measured again stands in its own place, and the rows are counted anew", () => {
  const document = writeTable(
    [
      {
        title: "Load",
        verdicts: rows.map((row) => ({ row, verdict: row.id === "B6" ? "pass" : "FAIL", figure: "old" })),
      },
    ],
    { isNight: true, minutes: 9, machine: "a machine" },
  );
  expect(document).toContain("1 passed, 2 failed, 0 not run.");
  const [, second] = rows;
  if (!second) throw new Error("there are three");
  const line = rowLine({ row: second, verdict: "pass", figure: "new" });
  const again = replaceRows(document, new Map([["L10", line]]), "Measured again: L10.");
  expect(again).toContain("Measured again: L10.\n2 passed, 1 failed, 0 not run.");
  expect(again.split("\n").filter((one) => one.startsWith("| L"))).toEqual([
    "| L1 | held | 0 lost | old | **FAIL** |",
    "| L10 | more | 0 \\| 1 | new | pass |",
  ]);
});
