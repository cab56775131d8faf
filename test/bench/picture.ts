/** The picture of a run: ratios to NGINX as bars, readable on light and dark pages. Pure: the same run draws the same. */
import { isSaturated, type Report } from "./report.ts";
import type { FigureResult } from "./rounds.ts";
import { pairedRatio } from "./statistics.ts";

/** What a reader wants to see first; the rest is in the tables. */
const headlines: readonly string[] = [
  "throughput-down-1",
  "throughput-up-1",
  "throughput-down-1/cpu",
  "round-trip-200/p50",
  "messages",
  "connections-16",
  "websocket-throughput",
  "websocket-round-trip/p50",
];

const columns = 2;
const panelWidth = 490;
const labelWidth = 240;
const valueWidth = 64;
const barWidth = panelWidth - labelWidth - valueWidth;
const rowHeight = 20;
const headHeight = 46;
const gap = 28;

/** Palette in two tiers: what a colour is, and what it stands for. Contrast is at least 4.5:1 for text on either page. */
const style = `<style>
  svg { --text: #1f2328; --quiet: #59636e; --rule: #8c959f; --own: #0b69c7; --peer: #8c959f; --floor: #d1d9e0; }
  @media (prefers-color-scheme: dark) {
    svg { --text: #e6edf3; --quiet: #9198a1; --rule: #656c76; --own: #4c9bf5; --peer: #7d8590; --floor: #3d444d; }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--text); }
  .title { font-weight: 600; }
  .quiet { fill: var(--quiet); font-size: 12px; }
  .own { fill: var(--own); } .peer { fill: var(--peer); } .floor { fill: var(--floor); }
  .rule { stroke: var(--rule); stroke-dasharray: 3 3; }
</style>`;

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

interface Bar {
  readonly label: string;
  readonly kind: "own" | "peer" | "floor";
  readonly ratio: number;
  readonly isMarked: boolean;
}

function barsOf(figure: FigureResult, report: Report): readonly Bar[] {
  const values = (name: string) => figure.series.find(({ forwarder }) => forwarder === name)?.values ?? [];
  return report.forwarders.flatMap(({ name, label, goals }) => {
    const ratio = pairedRatio(values(name), values("nginx"))?.median;
    if (ratio === undefined) return [];
    const kind = goals !== null ? "own" : name === "direct" ? "floor" : "peer";
    return [{ label, kind, ratio, isMarked: isSaturated(figure, name) } as const];
  });
}

/** No forwarder at all is so far off that it would flatten the others: its bar may be cut at the edge. */
function scaleOf(bars: readonly Bar[]): number {
  return Math.max(1.2, ...bars.filter(({ kind }) => kind !== "floor").map(({ ratio }) => ratio));
}

function drawPanel(figure: FigureResult, bars: readonly Bar[]): string {
  const scale = scaleOf(bars);
  const x = (ratio: number) => Math.round((Math.min(ratio, scale) / scale) * barWidth);
  const height = headHeight + bars.length * rowHeight;
  const rows = bars.map(({ label, kind, ratio, isMarked }, index) => {
    const y = headHeight + index * rowHeight;
    return `<text x="${labelWidth - 8}" y="${y + 14}" text-anchor="end">${escapeXml(label)}</text>
<rect class="${kind}" x="${labelWidth}" y="${y + 3}" width="${x(ratio)}" height="${rowHeight - 6}" rx="2"/>
<text x="${labelWidth + barWidth + 8}" y="${y + 14}">${ratio.toFixed(2)}×${isMarked ? " †" : ""}</text>`;
  });
  const rule = labelWidth + x(1);
  return `<text class="title" x="0" y="16">${escapeXml(figure.title)}</text>
<text class="quiet" x="0" y="33">${figure.better === "more" ? "longer is better" : "shorter is better"}</text>
${rows.join("\n")}
<line class="rule" x1="${rule}" x2="${rule}" y1="${headHeight - 4}" y2="${height}"/>`;
}

export function drawPicture(report: Report): string {
  const panels = headlines.flatMap((id) => {
    const figure = report.figures.find((one) => one.id === id);
    const bars = figure ? barsOf(figure, report) : [];
    return figure && bars.length > 0 ? [{ figure, bars }] : [];
  });
  const panelHeight = headHeight + Math.max(0, ...panels.map(({ bars }) => bars.length)) * rowHeight;
  const width = columns * panelWidth + (columns - 1) * gap;
  const height = 30 + Math.ceil(panels.length / columns) * (panelHeight + gap);
  const placed = panels.map(({ figure, bars }, index) => {
    const left = (index % columns) * (panelWidth + gap);
    const top = 30 + Math.floor(index / columns) * (panelHeight + gap);
    return `<g transform="translate(${left} ${top})">\n${drawPanel(figure, bars)}\n</g>`;
  });
  const described = "Ratios to NGINX in the same run; the table below has the figures";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${described}">
${style}
<text class="quiet" x="0" y="14">Ratios to NGINX in the same run. The dashed line is NGINX. † the generator set the pace.</text>
${placed.join("\n")}
</svg>
`;
}
