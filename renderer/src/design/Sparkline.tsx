import { memo } from "react";
import type { ByteCounts } from "../../../app/contract/snapshot.ts";

const width = 120;
const height = 24;
const slots = 60;
const floor = height - 1;

interface SparklineProps {
  readonly samples: readonly ByteCounts[];
  /** The sample that is marked. */
  readonly at: number | null;
}

/** The last minute of a route: filled, what goes to the client; line, what goes to the backend; one scale. */
export const Sparkline = memo(function Sparkline({ samples, at }: SparklineProps) {
  const peak = Math.max(0, ...samples.map((sample) => Math.max(sample.toClient, sample.toBackend)));
  // A trickle should not look like a flood: below 1 KB/s the scale stays.
  const scale = (floor - 1) / Math.max(peak, 1000);
  const toClient = outline(samples, (sample) => sample.toClient, scale);
  const toBackend = outline(samples, (sample) => sample.toBackend, scale);
  const start = xOf(0, samples.length);
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden>
      <path className="sparkline-floor" d={`M0 ${floor + 0.5}H${width}`} />
      {samples.length > 1 && peak > 0 && (
        <>
          <path className="sparkline-area" d={`${toClient}V${floor}H${start}Z`} />
          <path className="sparkline-client" d={toClient} />
          <path className="sparkline-backend" d={toBackend} />
        </>
      )}
      {at !== null && <path className="sparkline-moment" d={`M${xOf(at, samples.length)} 0V${height}`} />}
    </svg>
  );
});

/** The sample nearest to a place along the line, 0 at its left end and 1 at its right. */
export function sparkSampleAt(fraction: number, count: number): number {
  const slot = Math.round(fraction * (slots - 1));
  return Math.min(count - 1, Math.max(0, slot - (slots - count)));
}

function xOf(index: number, count: number): number {
  return Math.round((width * 10 * (slots - count + index)) / (slots - 1)) / 10;
}

function outline(
  samples: readonly ByteCounts[],
  figure: (sample: ByteCounts) => number,
  scale: number,
): string {
  return samples
    .map((sample, index) => {
      const y = Math.round((floor - figure(sample) * scale) * 10) / 10;
      return `${index === 0 ? "M" : "L"}${xOf(index, samples.length)} ${y}`;
    })
    .join("");
}
