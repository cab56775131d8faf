import { memo } from "react";
import type { LastTrouble } from "../../../app/contract/snapshot.ts";
import { Figure } from "../design/Figure.tsx";
import { formatClock } from "../design/format.ts";
import { useAge, useRoughAge } from "../design/use-age.ts";

export interface RouteSinceCellProps {
  readonly since: string;
  /** When the trouble before the present state began; null where there was none, or it is not over. */
  readonly troubleAt: string | null;
  readonly troubleReason: string | null;
}

/** How long a route has been as it is, and how long ago something was last wrong with it. Takes plain values, as its neighbours do. */
export const RouteSinceCell = memo(function RouteSinceCell(props: RouteSinceCellProps) {
  const { since, troubleAt, troubleReason } = props;
  return (
    <td data-column="since">
      <StateAge since={since} />
      {troubleAt !== null && <TroubleAge at={troubleAt} reason={troubleReason} short />}
    </td>
  );
});

export function StateAge({ since }: { readonly since: string }) {
  const age = useAge(since);
  return (
    <time dateTime={since} title={`Since ${formatClock(since, new Date())}`}>
      <Figure value={age} />
    </time>
  );
}

/** `error 12 min ago`, with what it was; where there is little room, the shape of trouble stands for the word. */
export function TroubleAge({ at, reason, short = false }: LastTrouble & { readonly short?: boolean }) {
  const age = useRoughAge(at);
  const beside = short ? "visually-hidden" : "";
  return (
    <span
      className="route-note ellipsis"
      title={`${formatClock(at, new Date())}: ${reason ?? "not healthy"}`}
    >
      {short && <span aria-hidden>▲ </span>}
      <span className={beside}>error </span>
      {age}
      <span className={beside}> ago</span>
    </span>
  );
}
