/** Random numbers that a seed brings back. */

/** Gives whole numbers below a limit: the same ones for the same seed. */
export function seededRandom(seed: number): (limit: number) => number {
  let state = seed || 1;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
