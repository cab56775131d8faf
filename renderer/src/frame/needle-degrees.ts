const restDegrees = -62;
const fullDegrees = 62;
/** The dial is logarithmic: from 1 KB/s at rest to 1 GB/s at the far end. */
const restExponent = 3;
const fullExponent = 9;
/** A load is never still: the needle does not move for less than this, which is 40 % more. */
const leastSwing = 3;

/** Where the needle would stand for a load, in degrees from upright. */
export function needleDegrees(bytesPerSecond: number): number {
  const exponent = Math.log10(Math.max(bytesPerSecond, 1));
  const share = Math.min(1, Math.max(0, (exponent - restExponent) / (fullExponent - restExponent)));
  return restDegrees + share * (fullDegrees - restDegrees);
}

/** Where it goes from where it stands: each swing is drawn frame by frame, so that small ones are left out. It always finds its rest. */
export function swingTo(standsAt: number, bytesPerSecond: number): number {
  const degrees = needleDegrees(bytesPerSecond);
  return degrees === restDegrees || Math.abs(degrees - standsAt) >= leastSwing ? degrees : standsAt;
}
