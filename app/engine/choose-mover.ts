/** What moves plain TCP once nobody watches it, and lets clients in: the native addon where it is there and starts. */
import { countTakenOver } from "../forward/count-taken-over.ts";
import { takeOverWithBuffers } from "../forward/move-buffers.ts";
import { nativeTakeOver } from "../forward/move-natively.ts";
import type { LoadedAddon } from "../forward/native-addon.ts";
import { createDoors, type DoorsOptions } from "../forward/native-door.ts";
import { NativeThread } from "../forward/native-thread.ts";

/** `room`: where the connections are counted that no listener counts. */
export function chooseMover(
  native: LoadedAddon = { missing: "it was not asked for" },
  { room, entranceOf }: Pick<DoorsOptions, "room" | "entranceOf">,
) {
  const thread = "addon" in native ? NativeThread.of(native.addon) : null;
  const whyNot = "missing" in native ? native.missing : "its thread does not start";
  return {
    takeOver: countTakenOver(thread ? nativeTakeOver(thread) : takeOverWithBuffers, room),
    doors: thread && createDoors({ thread, room, entranceOf }),
    status: { native: thread !== null, why: thread ? null : whyNot },
  };
}
