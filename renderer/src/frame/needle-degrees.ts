const restDegrees = -62;
const fullDegrees = 62;
/** The dial is logarithmic: from 1 KB/s at rest to 1 GB/s at the far end. */
const restExponent = 3;
const fullExponent = 9;

/** Where the needle stands for a load, in degrees from upright. */
export function needleDegrees(bytesPerSecond: number): number {
  const exponent = Math.log10(Math.max(bytesPerSecond, 1));
  const share = Math.min(1, Math.max(0, (exponent - restExponent) / (fullExponent - restExponent)));
  return restDegrees + share * (fullDegrees - restDegrees);
}
