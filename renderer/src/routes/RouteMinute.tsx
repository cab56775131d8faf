import { type KeyboardEvent, memo, type PointerEvent, useState } from "react";
import { formatClock, formatRate, plural } from "../design/format.ts";
import { Sparkline, sparkSampleAt } from "../design/Sparkline.tsx";
import { cameByKey, nextMoment, useHeld } from "../design/use-held.ts";
import { type RateSample, useRateHistory } from "../mirror/rate-history.ts";

const noSamples: readonly never[] = [];
const pageSeconds = 10;

interface RouteMinuteProps {
  readonly id: string;
  readonly tabbable: boolean;
}

/** The last minute of a route. It stands still while it is pointed at or worked with the arrows, and says what was then. */
export const RouteMinute = memo(function RouteMinute({ id, tabbable }: RouteMinuteProps) {
  const samples = useRateHistory((history) => history.byRoute[id] ?? noSamples);
  const { held, hold, release } = useHeld<{ readonly samples: typeof samples; readonly atMs: number }>();
  const [moment, setMoment] = useState<number | null>(null);
  const shown = held?.samples ?? samples;
  const last = shown.length - 1;
  const at = held ? Math.min(moment ?? last, last) : null;
  const says = held && at !== null ? readOut(shown, at, held.atMs) : null;
  const holdNow = (): void => hold({ samples, atMs: Date.now() });

  const point = ({ currentTarget, clientX }: PointerEvent<HTMLElement>): void => {
    const { left, width } = currentTarget.getBoundingClientRect();
    holdNow();
    setMoment(sparkSampleAt((clientX - left) / width, shown.length));
  };
  const letGo = (): void => {
    release();
    setMoment(null);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = nextMoment(event.key, at ?? last, last, pageSeconds);
    if (next === null && event.key !== "Escape") return;
    // The arrows belong to the row otherwise.
    event.preventDefault();
    event.stopPropagation();
    if (next !== null) {
      holdNow();
      return setMoment(next);
    }
    letGo();
    event.currentTarget.closest<HTMLElement>("[data-row]")?.focus();
  };
  return (
    <div
      className="spark-reader"
      role="slider"
      tabIndex={tabbable ? 0 : -1}
      aria-label={`Last minute of ${id}`}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, last)}
      aria-valuenow={Math.max(0, at ?? last)}
      aria-valuetext={says?.join(", ") ?? `peak ${formatRate(peakOf(samples))}`}
      onPointerMove={point}
      onPointerLeave={letGo}
      onFocus={(event) => cameByKey(event) && holdNow()}
      onBlur={letGo}
      onKeyDown={onKeyDown}
    >
      <Sparkline samples={shown} at={at} />
      {says && (
        <span className="spark-reading">
          <span className="paused-mark" aria-hidden>
            ❚❚
          </span>
          {says.map((word) => (
            <span key={word}>{word}</span>
          ))}
        </span>
      )}
    </div>
  );
});

/** `14:03:22`, `↓ 12.3 KB/s`, `↑ 999 B/s`, `3 open`. */
function readOut(samples: readonly RateSample[], at: number, endMs: number): readonly string[] {
  const sample = samples[at];
  if (!sample) return ["no figures yet"];
  const time = new Date(endMs - (samples.length - 1 - at) * 1_000);
  return [
    formatClock(time.toISOString(), time),
    `↓ ${formatRate(sample.toClient)}`,
    `↑ ${formatRate(sample.toBackend)}`,
    ...(sample.open === undefined ? [] : [plural(sample.open, "connection")]),
  ];
}

function peakOf(samples: readonly RateSample[]): number {
  return Math.max(0, ...samples.map(({ toClient, toBackend }) => Math.max(toClient, toBackend)));
}
