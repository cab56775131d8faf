import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/setup/paths.mjs";
import { judge, issueGoals } from "./goals.ts";
import { measures } from "./measures.ts";
import { drawPicture } from "./picture.ts";
import { formatNumber, isSaturated, renderReport, table, type Report } from "./report.ts";
import type { FigureResult, Series } from "./rounds.ts";

const series = (values: Readonly<Record<string, readonly (number | null)[]>>): readonly Series[] =>
  Object.entries(values).map(([forwarder, own]) => ({ forwarder, values: own }));

const messages: FigureResult = {
  ...{ id: "messages", title: "messages, 200 B", section: "Port routes", unit: "1/s", better: "more" },
  series: series({ shunt: [300, 150, 320], nginx: [200, 100, 200] }),
  generatorShare: series({ shunt: [0.95, 0.96, 0.2], nginx: [0.5, 0.5, 0.5] }),
};

const report: Report = {
  machine: {
    date: "2026-01-02 03:04 UTC",
    processor: "Some CPU",
    processors: 2,
    memoryGiB: 8,
    kernel: "6.1",
    system: "Debian",
    node: "20.20.0",
    congestionControl: "bbr",
    loadAtStart: 0.1,
  },
  cpus: { generator: 0, forwarder: 1 },
  rounds: 3,
  ms: 100,
  isQuick: false,
  hasNative: true,
  forwarders: [
    { name: "shunt", label: "Shunt headless", version: "0.1", goals: "native" },
    { name: "nginx", label: "NGINX", version: "1.22", goals: null },
  ],
  missing: [{ name: "socat", why: "not installed" }],
  figures: [messages],
};

test.each([
  [0, "0"],
  [0.01234, "0.0123"],
  [1.5, "1.50"],
  [123.4, "123"],
  [12345.6, "12,346"],
  [Number.NaN, "–"],
])("%d is shown as %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("a table's columns line up with its head", () => {
  expect(table(["", "a"], [["x", "1"]])).toBe("|  | a |\n| --- | ---: |\n| x | 1 |");
});

test("a figure is marked when the generator had no time left in the middle round", () => {
  expect(isSaturated(messages, "shunt")).toBe(true);
  expect(isSaturated(messages, "nginx")).toBe(false);
});

test("the report shows medians, spreads, ratios of the same round, marks, verdicts and what is missing", () => {
  const text = renderReport(report);
  expect(text).toContain("| 300 (225–310) **1.50×** † | 200 (150–200) |");
  expect(text).toContain("| messages, 200 B | ≥ 1.00× NGINX | 1.50× (1.50–1.60) met |");
  expect(text).toContain("1 of 1 met");
  expect(text).toContain("Not measured: socat (not installed).");
  expect(text).toContain("load average at the start 0.10");
});

test("a run on a busy machine says that it is rough", () => {
  const busy = { ...report, machine: { ...report.machine, loadAtStart: 3.5 } };
  expect(renderReport(busy)).toContain("The machine was busy");
  expect(renderReport(report)).not.toContain("The machine was busy");
});

test("a goal missed says so, and whether it is sure", () => {
  const of = (...shunt: number[]) => {
    const slow = { ...messages, series: series({ shunt, nginx: shunt.map(() => 100) }) };
    return renderReport({ ...report, figures: [slow] });
  };
  expect(of(50, 40)).toContain("**0.45× (0.40–0.50) not met** ([why](decisions/");
  expect(of(50, 40)).toContain("0 of 1 met; not met: 1, of which 0 with");
  expect(of(110, 90, 80)).toContain("**0.90× (0.80–1.10) not met ±** ([why](decisions/");
  expect(of(110, 90, 80)).toContain("not met: 1, of which 1 with");
});

test("costs are to be at most the limit, rates at least", () => {
  const goal = { figure: "x", peer: "nginx", limit: 0.4, of: "native", why: "x.md" } as const;
  const figure = (better: "more" | "less", own: number): FigureResult => ({
    ...messages,
    better,
    series: series({ shunt: [own], nginx: [1] }),
  });
  expect(judge(goal, figure("less", 0.3), "shunt")).toMatchObject({ isMet: true, reached: 0.3 });
  expect(judge(goal, figure("less", 0.5), "shunt")).toMatchObject({ isMet: false });
  expect(judge(goal, figure("more", 0.5), "shunt")).toMatchObject({ isMet: true });
  expect(judge(goal, figure("more", 0.5), "socat")).toBeNull();
});

test("every goal about what runs in rounds names a figure that is measured", () => {
  const known = measures.flatMap(({ figures }) => figures.map(({ id }) => id));
  const wanted = issueGoals.map(({ figure }) => figure).filter((id) => !/^(memory|watching)-/.test(id));
  expect(wanted.filter((id) => !known.includes(id))).toEqual([]);
});

test("every goal names the decision that would say why it is missed", () => {
  const missing = issueGoals.filter(({ why }) => !existsSync(join(root, "docs/decisions", why)));
  expect(missing).toEqual([]);
});

test("the picture is the same for the same run", () => {
  expect(drawPicture(report)).toBe(drawPicture(report));
  expect(drawPicture(report)).toContain("<svg");
});
