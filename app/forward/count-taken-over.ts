/** Counts the connections that have left their sockets: those tell of their `close` when they are taken over. */
import type { ClientRoom } from "./client-room.ts";
import type { TakeOver } from "./mover.ts";

export function countTakenOver(inner: TakeOver, room: ClientRoom): TakeOver {
  return (ends, { bytes, report, turns }) => {
    let over = false;
    const leave = (): void => {
      if (!over) room.countJoined(-1);
      over = true;
    };
    const ended: typeof report.ended = (end) => {
      leave();
      report.ended(end);
    };
    const mover = inner(ends, { bytes, turns, report: { halfClosed: () => report.halfClosed(), ended } });
    if (!mover) return null;
    room.countJoined(1);
    return {
      cut() {
        leave();
        mover.cut();
      },
    };
  };
}
