/** Notices that the machine slept or stood still, or that its network is another: connections may be dead then. */
import { ownAddresses } from "../own-addresses.ts";

const lookEveryMs = 1_000;
const longestGapMs = 30_000;

/** The addresses of this machine, in one line. */
function networkNow(): string {
  const outward = ownAddresses().filter(({ isInternal }) => !isInternal);
  return outward
    .map((one) => `${one.interface} ${one.address}`)
    .sort()
    .join(", ");
}

interface WakeWatchOptions {
  readonly onWake: () => void;
  /** For tests. */
  readonly network?: () => string;
}

export function watchForWaking({ onWake, network = networkNow }: WakeWatchOptions): { close(): void } {
  let addresses = network();
  // Of the two clocks one stands still while some systems sleep, and the other can be set.
  let seen = { wall: Date.now(), steady: performance.now() };
  const timer = setInterval(() => {
    const now = { wall: Date.now(), steady: performance.now() };
    const gapMs = Math.max(now.wall - seen.wall, now.steady - seen.steady);
    seen = now;
    const current = network();
    const moved = current !== addresses;
    addresses = current;
    if (moved || gapMs > longestGapMs) onWake();
  }, lookEveryMs).unref();
  return { close: () => clearInterval(timer) };
}
