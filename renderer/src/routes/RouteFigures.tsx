import { memo, useState } from "react";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { Figure } from "../design/Figure.tsx";
import { formatBytes, formatCount, formatRate, formatShortCount } from "../design/format.ts";
import { useMirroredRow } from "../mirror/use-mirrored.ts";
import { showConnections } from "../view/view-store.ts";
import { totalBytes } from "./route-rows.ts";
import { RouteMinute } from "./RouteMinute.tsx";
import { RouteSinceCell, type RouteSinceCellProps } from "./RouteSince.tsx";

interface RouteFiguresProps extends RouteSinceCellProps {
  readonly id: string;
  readonly tabbable: boolean;
}

/**
 * The cells that change four times a second, and the drawing between them, which does once. A row of the table is drawn
 * anew by these alone, and by them only where what they say differs.
 */
export const RouteFigures = memo(function RouteFigures({ id, tabbable, ...sinceProps }: RouteFiguresProps) {
  const figures = useMirroredRow("routes", id, figuresOf);
  if (!figures) return null;
  return (
    <>
      <td data-column="conns">
        <OpenCount id={id} tabbable={tabbable} open={figures.open} />
        {figures.refused !== null && (
          <span className="route-note refused" title={`${figures.everRefused} refused`}>
            {figures.refused} refused
          </span>
        )}
      </td>
      <td data-column="rate" data-zero={figures.isToClientZero}>
        <Figure value={figures.toClient} />
      </td>
      <td data-column="rate-up" data-zero={figures.isToBackendZero}>
        <Figure value={figures.toBackend} />
      </td>
      <td data-column="spark">
        <RouteMinute id={id} tabbable={tabbable} />
      </td>
      <RouteSinceCell {...sinceProps} />
      <td data-column="total">
        <Figure value={figures.total} />
      </td>
    </>
  );
});

interface OpenCountProps {
  readonly id: string;
  readonly tabbable: boolean;
  readonly open: string;
}

/** How many there ever were is told, and followed, only while it is asked for: with short connections it changes all the time. */
const OpenCount = memo(function OpenCount({ id, tabbable, open }: OpenCountProps) {
  const [asked, setAsked] = useState(false);
  const everOpened = useMirroredRow("routes", id, ({ connections }) =>
    asked ? formatCount(connections.total) : null,
  );
  const ask = (): void => setAsked(true);
  const leave = (): void => setAsked(false);
  return (
    <button
      type="button"
      className="count-link"
      tabIndex={tabbable ? 0 : -1}
      onClick={() => showConnections({ kind: "route", id })}
      onPointerEnter={ask}
      onPointerLeave={leave}
      onFocus={ask}
      onBlur={leave}
      title={`${everOpened === null ? "" : `${everOpened} since the start. `}Show the open ones`}
    >
      <Figure value={open} fitted />
    </button>
  );
});

/** As they are written. */
function figuresOf(route: RouteStatus) {
  const { connections, rate } = route;
  return {
    open: formatCount(connections.open),
    refused: connections.refused > 0 ? formatShortCount(connections.refused) : null,
    everRefused: formatCount(connections.refused),
    toClient: formatRate(rate.toClient),
    isToClientZero: rate.toClient === 0,
    toBackend: formatRate(rate.toBackend),
    isToBackendZero: rate.toBackend === 0,
    total: formatBytes(totalBytes(route)),
  };
}
