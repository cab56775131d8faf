import { memo } from "react";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
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
        <button
          type="button"
          className="count-link"
          tabIndex={tabbable ? 0 : -1}
          onClick={() => showConnections({ kind: "route", id })}
          title={`${figures.everOpened} since the start. Show the open ones`}
        >
          {figures.open}
        </button>
        {figures.refused !== null && (
          <span className="route-note refused" title={`${figures.everRefused} refused`}>
            {figures.refused} refused
          </span>
        )}
      </td>
      <td data-column="rate" data-zero={figures.isToClientZero}>
        {figures.toClient}
      </td>
      <td data-column="rate-up" data-zero={figures.isToBackendZero}>
        <span>{figures.toBackend}</span>
      </td>
      <td data-column="spark">
        <RouteMinute id={id} tabbable={tabbable} />
      </td>
      <RouteSinceCell {...sinceProps} />
      <td data-column="total">
        <span>{figures.total}</span>
      </td>
    </>
  );
});

/** As they are written. */
function figuresOf(route: RouteStatus) {
  const { connections, rate } = route;
  return {
    open: formatCount(connections.open),
    everOpened: formatCount(connections.total),
    refused: connections.refused > 0 ? formatShortCount(connections.refused) : null,
    everRefused: formatCount(connections.refused),
    toClient: formatRate(rate.toClient),
    isToClientZero: rate.toClient === 0,
    toBackend: formatRate(rate.toBackend),
    isToBackendZero: rate.toBackend === 0,
    total: formatBytes(totalBytes(route)),
  };
}
