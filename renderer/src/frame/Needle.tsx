import { useState } from "react";
import { formatRate } from "../design/format.ts";
import { needleDegrees, swingTo } from "./needle-degrees.ts";

const ticks = [-62, -41.3, -20.7, 0, 20.7, 41.3, 62];

const dial = (
  <svg viewBox="0 0 56 34">
    <path className="needle-arc" d="M5.5 17.2A25.5 25.5 0 0 1 50.5 17.2" />
    {ticks.map((tick) => (
      <path key={tick} className="needle-tick" d="M28 3.7V7.2" transform={`rotate(${tick} 28 29)`} />
    ))}
  </svg>
);

/** The mark: a galvanometer whose needle shows the load over all routes. */
export function Needle({ bytesPerSecond }: { readonly bytesPerSecond: number }) {
  const [standsAt, setStandsAt] = useState(() => needleDegrees(bytesPerSecond));
  const degrees = swingTo(standsAt, bytesPerSecond);
  if (degrees !== standsAt) setStandsAt(degrees);
  return (
    <span className="needle" role="img" aria-label={`Load over all routes: ${formatRate(bytesPerSecond)}`}>
      {dial}
      <svg
        className="needle-hand"
        viewBox="0 0 56 34"
        style={{ transform: `rotate(${degrees.toFixed(1)}deg)` }}
      >
        <path d="M28 30.5V8" />
        <circle cx="28" cy="29" r="3" />
      </svg>
    </span>
  );
}
