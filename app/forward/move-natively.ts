/**
 * Moves bytes between two plain TCP sockets without JavaScript: the addon's thread has duplicates of both descriptors.
 * What comes back are counters in shared memory, a word when one half is closed, and one at the end.
 */
import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import type { Ends, Mover, Moving, SpliceEnd, TakeOver } from "./mover.ts";
import { told } from "./native-addon.ts";
import type { NativeThread, Place, Tenant } from "./native-thread.ts";
import { fdOf, takeHandle } from "./plain-tcp.ts";

export function nativeTakeOver(thread: NativeThread): TakeOver {
  return (ends: Ends<Socket>, moving: Moving): Mover | null => {
    const place = thread.join(fdOf(ends.client), fdOf(ends.backend), (taken) => tenantOf(taken, moving));
    if (!place) return null;
    moving.bytes.follow(place.counts);
    // The connections live on in the duplicates.
    takeHandle(ends.client).close();
    takeHandle(ends.backend).close();
    return {
      cut() {
        place.cut();
        moving.bytes.unfollow();
      },
    };
  };
}

function tenantOf({ token }: Place, { bytes, report }: Moving): Tenant {
  return {
    token,
    counted: () => bytes.noteElsewhere(),
    told(what, a, b) {
      if (what === told.halfClosed) return report.halfClosed();
      bytes.unfollow();
      report.ended(what === told.finished ? { how: "finished" } : brokenEnd(a, b));
    },
  };
}

/** `error`: an errno. `side`: 0 for the client, 1 for the backend. */
export function brokenEnd(error: number, side: number): SpliceEnd {
  return { how: "broken", by: side === 1 ? "backend" : "client", code: getSystemErrorName(-error) };
}
