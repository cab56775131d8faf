/** The hour's graph, drawn by uPlot on a canvas: flow as area and line on the left scale, connections as steps on the right. */
import uPlot from "uplot";
import { formatBytes, formatClock, formatRate } from "../design/format.ts";
import type { FetchedHour } from "./use-route-hour.ts";

const hourSeconds = 3_600;
/** Below this a trickle would fill the graph like a flood. */
const smallestPeak = 1_000;

/** The colours of the theme that is shown, read from elements that wear them: a canvas knows no custom properties. */
export interface PlotColours {
  readonly client: string;
  readonly clientWash: string;
  readonly backend: string;
  readonly open: string;
  readonly line: string;
  readonly ink: string;
}

export type HourData = [times: number[], toClient: number[], toBackend: number[], open: number[]];

/** The samples with their times in seconds since the epoch, the last one when it was fetched. */
export function hourData({ hour, atMs }: FetchedHour): HourData {
  const last = hour.open.length - 1;
  const times = hour.open.map((_, index) => atMs / 1_000 - (last - index) * hour.stepSeconds);
  return [times, [...hour.toClient], [...hour.toBackend], [...hour.open]];
}

export function plotOptions(width: number, height: number, colours: () => PlotColours): uPlot.Options {
  const axis = {
    stroke: () => colours().ink,
    grid: { stroke: () => colours().line, width: 1 },
    ticks: { show: false },
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
  };
  const steps = uPlot.paths.stepped?.({ align: 1 });
  return {
    width,
    height,
    padding: [10, 0, 0, 0],
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    legend: { show: false },
    scales: {
      x: { time: true, range: (_plot, _min, max) => [max - hourSeconds, max] },
      flow: { range: (_plot, _min, max) => [0, Math.max(max ?? 0, smallestPeak) * 1.08] },
      open: { range: (_plot, _min, max) => [0, Math.max(4, Math.ceil((max ?? 0) * 1.25))] },
    },
    axes: [
      { ...axis, space: 60, size: 24, values: (_plot, ticks) => ticks.map(formatMinute) },
      { ...axis, scale: "flow", size: 68, values: (_plot, ticks) => ticks.map(formatTick) },
      {
        ...axis,
        scale: "open",
        side: 1,
        size: 36,
        grid: { show: false },
        // Nobody has half a connection.
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000],
      },
    ],
    series: [
      {},
      {
        scale: "flow",
        stroke: () => colours().client,
        fill: () => colours().clientWash,
        width: 1.5,
        points: { show: false },
      },
      { scale: "flow", stroke: () => colours().backend, width: 1.5, points: { show: false } },
      {
        scale: "open",
        stroke: () => colours().open,
        width: 1.25,
        dash: [4, 3],
        ...(steps && { paths: steps }),
        points: { show: false },
      },
    ],
  };
}

/** `14:05`, local wall time of seconds since the epoch. */
function formatMinute(seconds: number): string {
  return formatClock(new Date(seconds * 1_000).toISOString(), new Date(seconds * 1_000)).slice(0, 5);
}

function formatTick(bytesPerSecond: number): string {
  return bytesPerSecond === 0 ? "0" : `${formatBytes(bytesPerSecond).replace(/\.0+ /, " ")}/s`;
}

/** What the legend says of a moment. */
export function readOut(
  [, toClient, toBackend, open]: HourData,
  at: number,
): readonly [client: string, backend: string, open: string] {
  return [formatRate(toClient[at] ?? 0), formatRate(toBackend[at] ?? 0), String(open[at] ?? 0)];
}
