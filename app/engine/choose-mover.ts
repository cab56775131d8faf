/** What moves plain TCP once nobody watches it, and lets clients in: the native addon where it is there and starts. */
import type { ForwardingMeans } from "../contract/commands.ts";
import { countTakenOver } from "../forward/count-taken-over.ts";
import { onceWorthwhile } from "../forward/mover.ts";
import { takeOverWithBuffers } from "../forward/move-buffers.ts";
import { nativeTakeOver } from "../forward/move-natively.ts";
import type { LoadedAddon } from "../forward/native-addon.ts";
import { createDoors, type DoorsOptions } from "../forward/native-door.ts";
import { NativeThread } from "../forward/native-thread.ts";

/** The addon's thread, where there is one; and what is said of that. */
export function startMover(native: LoadedAddon): {
  readonly thread: NativeThread | null;
  readonly means: ForwardingMeans;
} {
  const thread = "addon" in native ? NativeThread.of(native.addon) : null;
  const whyNot = "missing" in native ? native.missing : "its thread does not start";
  return { thread, means: { native: thread !== null, why: thread ? null : whyNot } };
}

/** Handing two descriptors over costs as much as some twenty reads: those who logon and leave never pay it. */
const worthHandingOver = { bytes: 16 * 1024, turns: 8 };

/** `room`: where the connections are counted that no listener counts. */
export function chooseMover(
  native: LoadedAddon = { missing: "it was not asked for" },
  { room, ...entrances }: Omit<DoorsOptions, "thread">,
) {
  const { thread, means } = startMover(native);
  return {
    takeOver: countTakenOver(
      thread ? onceWorthwhile(nativeTakeOver(thread), worthHandingOver) : takeOverWithBuffers,
      room,
    ),
    doors: thread && createDoors({ thread, room, ...entrances }),
    status: means,
  };
}
