/** What a measure's course says of stretches of its time. Pure. */
import type { Course, Slice } from "../generator.ts";
import { median } from "../statistics.ts";

/** A stretch of time on the system's monotonic clock, and the forwarder's processor time in it. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cpuSeconds: number;
}

export interface WindowFigures {
  readonly perSecond: number;
  readonly cpuPerUnit: number;
  /** Microseconds: the median of the slices' own medians. */
  readonly p50: number;
}

/** The slices that lie wholly within a window, and how many ms each lasted. */
function slicesWithin(
  { startedMs, slices }: Pick<Course, "startedMs" | "slices">,
  { fromMs, toMs }: Window,
): readonly { readonly slice: Slice; readonly lastedMs: number }[] {
  return slices.flatMap((slice, index) => {
    const beganMs = startedMs + (slices[index - 1]?.[0] ?? 0);
    const endedMs = startedMs + slice[0];
    return beganMs >= fromMs && endedMs <= toMs ? [{ slice, lastedMs: endedMs - beganMs }] : [];
  });
}

/** Over all the windows together; throws where the course has nothing of one of them. */
export function figuresWithin(
  course: Pick<Course, "startedMs" | "slices">,
  windows: readonly Window[],
): WindowFigures {
  const parts = windows.map((window) => slicesWithin(course, window));
  if (parts.some((part) => part.length === 0))
    throw new Error("the measure ended before what it was to show");
  const all = parts.flat();
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const perSecond = sum(all.map(({ slice }) => slice[1])) / (sum(all.map(({ lastedMs }) => lastedMs)) / 1e3);
  const windowSeconds = sum(windows.map(({ fromMs, toMs }) => toMs - fromMs)) / 1e3;
  return {
    perSecond,
    cpuPerUnit: sum(windows.map(({ cpuSeconds }) => cpuSeconds)) / windowSeconds / perSecond,
    p50: median(all.map(({ slice }) => slice[2])),
  };
}
