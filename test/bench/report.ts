/** The report of a run in Markdown. Pure: the same run gives the same text. */
import { judgeAll, type Goal, type Verdict } from "./goals.ts";
import type { Machine } from "./machine.ts";
import type { Cpus, FigureResult } from "./rounds.ts";
import { pairedRatio, summarise } from "./statistics.ts";

export interface Report {
  readonly machine: Machine;
  readonly cpus: Cpus;
  readonly rounds: number;
  readonly ms: number;
  readonly isQuick: boolean;
  readonly hasNative: boolean;
  readonly forwarders: readonly {
    readonly name: string;
    readonly label: string;
    readonly version: string;
    readonly goals: Goal["of"] | null;
  }[];
  readonly missing: readonly { readonly name: string; readonly why: string }[];
  readonly figures: readonly FigureResult[];
}

/** More than this wanted to run when the bench began: others took processors from it. */
const busyFrom = 1;

/** From here on the generator is taken to have set the pace. */
const saturatedFrom = 0.9;

/** Three digits, thousands set apart. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, index) => (index === 0 ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** Whether the generator had no time left in the middle round. */
export function isSaturated(figure: FigureResult, forwarder: string): boolean {
  const shares = figure.generatorShare.find((one) => one.forwarder === forwarder)?.values ?? [];
  return (summarise(shares.filter((value) => value !== null))?.median ?? 0) >= saturatedFrom;
}

/** `median (quartile–quartile) ratio×`. */
function cell(figure: FigureResult, forwarder: string): string {
  const series = figure.series.find((one) => one.forwarder === forwarder);
  const summary = summarise((series?.values ?? []).filter((value) => value !== null));
  if (!series || !summary) return "–";
  const peer = figure.series.find((one) => one.forwarder === "nginx");
  const ratio = peer && forwarder !== "nginx" ? pairedRatio(series.values, peer.values) : null;
  const { from, to } = summary.quartiles;
  const spread = from < to ? ` (${formatNumber(from)}–${formatNumber(to)})` : "";
  const mark = isSaturated(figure, forwarder) ? " †" : "";
  return `${formatNumber(summary.median)}${spread}${ratio ? ` **${ratio.median.toFixed(2)}×**` : ""}${mark}`;
}

function figureTables(report: Report): string {
  const sections = [...new Set(report.figures.map(({ section }) => section))];
  return sections
    .map((section) => {
      const figures = report.figures.filter((figure) => figure.section === section);
      const shown = report.forwarders.filter(({ name }) =>
        figures.some(({ series }) => series.some(({ forwarder }) => forwarder === name)),
      );
      const rows = figures.map((figure) => [
        `${figure.title} (${figure.unit})`,
        ...shown.map(({ name }) => cell(figure, name)),
      ]);
      return `## ${section}\n\n${table(["", ...shown.map(({ label }) => label)], rows)}\n`;
    })
    .join("\n");
}

function goalText({ peer, limit }: Goal, figure: FigureResult): string {
  const sign = figure.better === "more" ? "≥" : "≤";
  const name = peer === "nginx" ? "NGINX" : "HAProxy";
  return peer === null ? `${sign} ${limit} ${figure.unit}` : `${sign} ${limit.toFixed(2)}× ${name}`;
}

function verdictText({ reached, interval, isMet, isSettled, goal }: Verdict): string {
  const number = (value: number) => (goal.peer === null ? formatNumber(value) : value.toFixed(2));
  const shown = `${number(reached)}${goal.peer === null ? "" : "×"} (${number(interval.from)}–${number(interval.to)})`;
  const mark = isSettled ? "" : " ±";
  return isMet ? `${shown} met${mark}` : `**${shown} not met${mark}** ([why](decisions/${goal.why}))`;
}

function goalTable(report: Report): string {
  const verdicts = judgeAll(report.figures, report.forwarders);
  const judged = report.forwarders.filter(({ name }) => verdicts.some((one) => one.forwarder === name));
  const goals = [...new Set(verdicts.map(({ goal }) => goal))];
  const rows = goals.flatMap((goal) => {
    const figure = report.figures.find(({ id }) => id === goal.figure);
    if (!figure) return [];
    const cells = judged.map(({ name }) => {
      const verdict = verdicts.find((one) => one.goal === goal && one.forwarder === name);
      return verdict ? verdictText(verdict) : "";
    });
    return [[figure.title, goalText(goal, figure), ...cells]];
  });
  const met = verdicts.filter(({ isMet }) => isMet).length;
  const open = verdicts.filter(({ isMet, isSettled }) => !isMet && !isSettled).length;
  return rows.length === 0
    ? ""
    : `## Goals

${met} of ${verdicts.length} met; not met: ${verdicts.length - met}, of which ${open} with the mark within the interval (±): another run may say otherwise. Ratios are medians of
each round's own ratio, with the interval in which the median of ever more rounds would lie (95 %, by the sign test; of fewer than six rounds all of them).
${report.hasNative ? "" : "This build has no native addon, so that what is held here to the goals is the JavaScript path.\n"}
${table(["", "goal", ...judged.map(({ label }) => label)], rows)}
`;
}

function generatorText(report: Report): string {
  const rows = report.figures
    .filter(({ generatorShare }) => generatorShare.length > 0)
    .map((figure) => {
      const share = (name: string) =>
        summarise(
          (figure.generatorShare.find((one) => one.forwarder === name)?.values ?? []).filter(
            (one) => one !== null,
          ),
        );
      return [
        figure.title,
        ...report.forwarders.map(({ name }) => {
          const found = share(name);
          return found ? `${Math.round(found.median * 100)} %` : "–";
        }),
      ];
    });
  return rows.length === 0
    ? ""
    : `## The generator

For which share of the time the generator (clients and backends together) had something to do. At ${saturatedFrom * 100} % and above it may have set the
pace itself; such figures carry a † above, and then the processor time per unit is what to compare. "Direct" shows what it can do with
nothing in between.

${table(["", ...report.forwarders.map(({ label }) => label)], rows)}
`;
}

function settingText({ machine, cpus, rounds, ms, forwarders, missing }: Report): string {
  const versions = forwarders
    .filter(({ version }) => version !== "")
    .map(({ label, version }) => `${label} ${version}`);
  const pinned =
    cpus.generator === null
      ? "Nothing was pinned to a processor."
      : `The generator had processor ${cpus.generator} for itself, each forwarder with all its processes processor ${cpus.forwarder}.`;
  const absent = missing.map(({ name, why }) => `Not measured: ${name} (${why}).`).join(" ");
  const busy =
    machine.loadAtStart > busyFrom
      ? "\n**The machine was busy with other work: medians and ratios of this run are rough, and p99 and above say nothing.**\n"
      : "";
  return `${machine.date} · ${machine.processor}, ${machine.processors} processors, ${machine.memoryGiB} GiB · ${machine.system}, Linux ${machine.kernel},
TCP congestion control ${machine.congestionControl} · load average at the start ${machine.loadAtStart.toFixed(2)}
${busy}
${versions.join(" · ")}

${rounds} rounds; in each, every forwarder once per measure for ${ms} ms, in an order that rotates. Cells: median (quartiles) **ratio to NGINX
in the same round**. ${pinned} ${absent}`.trimEnd();
}

export function renderReport(report: Report): string {
  return `# Bench

Written by \`npm run bench\`; how it measures is in [decision 55](decisions/0055-bench.md).

![Ratios to NGINX](bench.svg)

${settingText(report)}

${[goalTable(report), figureTables(report), generatorText(report)].filter((part) => part !== "").join("\n")}`;
}
