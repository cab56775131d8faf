/** Ends each of two sockets as the other ended: an end with an end, a reset (or anything abnormal) with a reset. */
import type { Duplex } from "node:stream";
import { errorCode } from "../failures.ts";
import { confirmEnd } from "./confirm-end.ts";
import type { Ends, Mover, MoverReport, SpliceEnd } from "./mover.ts";
import { isSpent } from "./plain-tcp.ts";
import { resetSocket } from "./reset.ts";

interface LinkedEnds extends Mover {
  /** Looks away: another mover has taken over. */
  release(): void;
}

export function linkEnds({ client, backend }: Ends, report: MoverReport): LinkedEnds {
  let ended = false;
  let open = 2;
  const breakBoth = (end: SpliceEnd | null): void => {
    if (end && !ended) report.ended(end);
    ended = true;
    resetSocket(client);
    resetSocket(backend);
  };
  const follow = (from: Duplex, to: Duplex, by: "client" | "backend"): void => {
    const onEnd = (): void =>
      confirmEnd(from, () => {
        // The system says its end when it is closed. To say it first would be another way there and back.
        if (isSpent(to)) to.destroy();
        else to.end();
        if (!ended) report.halfClosed();
      });
    // Said its last before it was joined: the event will not come again.
    if (from.readableEnded) onEnd();
    else from.on("end", onEnd);
    from.on("error", (error) => breakBoth({ how: "broken", by, code: errorCode(error) ?? error.name }));
    from.on("close", () => {
      // Closed without an end: destroyed by somebody else. The peer must not take that for a clean end.
      if (!ended && !from.readableEnded) breakBoth({ how: "broken", by, code: "ECONNRESET" });
      else if (--open === 0 && !ended) {
        ended = true;
        report.ended({ how: "finished" });
      }
    });
  };
  follow(client, backend, "client");
  follow(backend, client, "backend");
  return {
    cut: () => breakBoth(null),
    release() {
      ended = true;
    },
  };
}
