/** What moves plain TCP once nobody watches it: the native addon where it is there and starts, reused buffers elsewhere. */
import { countTakenOver } from "../forward/count-taken-over.ts";
import { takeOverWithBuffers } from "../forward/move-buffers.ts";
import { nativeTakeOver } from "../forward/move-natively.ts";
import type { LoadedAddon } from "../forward/native-addon.ts";

export function chooseMover(native: LoadedAddon = { missing: "it was not asked for" }) {
  const byAddon = "addon" in native ? nativeTakeOver(native.addon) : null;
  const { takeOver, open: openElsewhere } = countTakenOver(byAddon ?? takeOverWithBuffers);
  const whyNot = "missing" in native ? native.missing : "its thread does not start";
  return {
    takeOver,
    /** How many connections it carries, which no listener counts. */
    openElsewhere,
    status: { native: byAddon !== null, why: byAddon ? null : whyNot },
  };
}
