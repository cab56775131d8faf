import { formatRate } from "../design/format.ts";

const restDegrees = -62;
const fullDegrees = 62;
/** The dial is logarithmic: from 1 KB/s at rest to 1 GB/s at the far end. */
const restExponent = 3;
const fullExponent = 9;
const ticks = [-62, -41.3, -20.7, 0, 20.7, 41.3, 62];

/** Where the needle stands for a load, in degrees from upright. */
export function needleDegrees(bytesPerSecond: number): number {
  const exponent = Math.log10(Math.max(bytesPerSecond, 1));
  const share = Math.min(1, Math.max(0, (exponent - restExponent) / (fullExponent - restExponent)));
  return restDegrees + share * (fullDegrees - restDegrees);
}

/** The mark: a galvanometer whose needle shows the load over all routes. */
export function Needle({ bytesPerSecond }: { readonly bytesPerSecond: number }) {
  return (
    <svg
      className="needle"
      viewBox="0 0 56 34"
      role="img"
      aria-label={`Load over all routes: ${formatRate(bytesPerSecond)}`}
    >
      <path className="needle-arc" d="M5.5 17.2A25.5 25.5 0 0 1 50.5 17.2" />
      {ticks.map((degrees) => (
        <path key={degrees} className="needle-tick" d="M28 3.7V7.2" transform={`rotate(${degrees} 28 29)`} />
      ))}
      <g
        className="needle-hand"
        style={{ transform: `rotate(${needleDegrees(bytesPerSecond).toFixed(1)}deg)` }}
      >
        <path d="M28 30.5V8" />
      </g>
      <circle className="needle-pivot" cx="28" cy="29" r="3" />
    </svg>
  );
}
