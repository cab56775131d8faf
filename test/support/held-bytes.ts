/** How much of what was shown to somebody is still in memory. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function buffersNow(): number {
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

/** By how many bytes the buffers of this process have grown once garbage is collected. */
export function heldBytes(act: () => void): number {
  const before = buffersNow();
  act();
  return buffersNow() - before;
}
