/**
 * How many clients there may be, from the system's limit on open files: a client and its backend take two. Beyond the
 * limit libuv accepts and closes without a word (reliability F9); here the excess is refused, counted and told.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { ClientRoom } from "../forward/client-room.ts";

export interface Admission {
  /** Null where the system has no such limit. */
  readonly most: number | null;
  /** Counts a client until it closes; false where there is no room for it. */
  admit(socket: Socket): boolean;
}

/** For listeners, probes, name look-ups, files: what is not a client. */
const keptForOthers = 32;

/** `room`: where the engine's clients are counted, whoever has them. */
export function createAdmission(
  room: ClientRoom = new ClientRoom(),
  limit: number | null = openFileLimit(),
  inUse: number = openFilesNow(),
): Admission {
  room.most = limit === null ? null : Math.max(1, Math.floor((limit - inUse - keptForOthers) / 2));
  return {
    most: room.most,
    admit(socket) {
      if (room.isFull) return false;
      room.countSocket(1);
      socket.on("close", () => room.countSocket(-1));
      return true;
    },
  };
}

function openFileLimit(): number | null {
  try {
    if (process.platform === "win32") return null;
    const said =
      process.platform === "linux"
        ? /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]
        : execFileSync("/bin/sh", ["-c", "ulimit -n"], { encoding: "utf8", timeout: 2_000 }).trim();
    const limit = Number(said);
    return Number.isSafeInteger(limit) && limit > 0 ? limit : null;
  } catch {
    return null;
  }
}

function openFilesNow(): number {
  try {
    return readdirSync(process.platform === "linux" ? "/proc/self/fd" : "/dev/fd").length;
  } catch {
    return 64;
  }
}
