import { formatRate } from "../design/format.ts";
import { needleDegrees } from "./needle-degrees.ts";

const ticks = [-62, -41.3, -20.7, 0, 20.7, 41.3, 62];

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
