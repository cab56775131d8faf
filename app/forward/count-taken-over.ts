/** Counts the connections that have left their sockets: those tell of their `close` when they are taken over. */
import type { TakeOver } from "./mover.ts";

export interface CountedTakeOver {
  readonly takeOver: TakeOver;
  readonly open: () => number;
}

export function countTakenOver(inner: TakeOver): CountedTakeOver {
  let open = 0;
  return {
    open: () => open,
    takeOver(ends, { bytes, report }) {
      let over = false;
      const leave = (): void => {
        if (!over) open--;
        over = true;
      };
      const ended: typeof report.ended = (end) => {
        leave();
        report.ended(end);
      };
      const mover = inner(ends, { bytes, report: { halfClosed: () => report.halfClosed(), ended } });
      if (!mover) return null;
      open++;
      return {
        cut() {
          leave();
          mover.cut();
        },
      };
    },
  };
}
