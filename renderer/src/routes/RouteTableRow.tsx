import { type KeyboardEvent, memo, useCallback, useRef } from "react";
import type { Bridge } from "../../../app/contract/bridge.ts";
import type { RouteConfig } from "../../../app/contract/config.ts";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { actOnRow, openRowMenu } from "../design/row-keys.ts";
import { openSheet, selectRoute, showRoute } from "../view/view-store.ts";
import type { AddressRequest } from "./AddressPopover.tsx";
import { copyListen, deleteRoutes, restartRoute, toggleRoute } from "./route-actions.ts";
import { isRunning, routeCondition } from "./route-condition.ts";
import { type RouteLook, useRouteLook } from "./route-look.ts";
import { routeNames, routeShape } from "./route-rows.ts";
import {
  RouteActionsCell,
  RouteAddressCell,
  RouteNameCell,
  RouteSelectCell,
  RouteStateCell,
  RouteTargetCell,
} from "./RouteCells.tsx";
import { RouteFigures } from "./RouteFigures.tsx";
import { RouteNotices } from "./RouteNotices.tsx";

export interface RouteTableRowProps {
  readonly id: string;
  readonly config: RouteConfig | null;
  /** True for the one row that Tab comes to. */
  readonly current: boolean;
  readonly selected: boolean;
  /** Without the buttons that lie within the row. */
  readonly bare: boolean;
  readonly columnCount: number;
  readonly onCopyAddress: (request: AddressRequest) => void;
}

/** One route, and under it what is wrong with it, if something is. */
export const RouteTableRow = memo(function RouteTableRow(props: RouteTableRowProps) {
  const look = useRouteLook(props.id);
  return look && <LookedUpRow {...props} look={look} />;
});

function LookedUpRow({ look, ...props }: RouteTableRowProps & { readonly look: RouteLook }) {
  const { id, config, current, selected, bare, columnCount, onCopyAddress } = props;
  const bridge = useBridge();
  const row = useRef<HTMLTableRowElement>(null);
  const { listen, state, target, targetHealth, since, lastTrouble, conditions, sessionListen } = look;
  const condition = routeCondition(look);
  const past = condition.trouble ? null : lastTrouble;
  const copyAddress = useCallback((): void => {
    const anchor = row.current?.querySelector<HTMLElement>("[data-anchor]");
    if (anchor) onCopyAddress({ id, anchor });
  }, [id, onCopyAddress]);
  const copyHostPort = useCallback(() => void copyListen(bridge, listen), [bridge, listen]);
  const keys = { copyAddress, copyHostPort, select: () => selectRoute(id, !selected) };
  return (
    <>
      <tr
        ref={row}
        className="route-row"
        data-row={id}
        data-state={state}
        data-health={targetHealth}
        data-trouble={condition.trouble || state === "draining" || (conditions ?? sessionListen) !== null}
        tabIndex={current ? 0 : -1}
        aria-selected={selected}
        onKeyDown={(event) => onRowKey(event, { bridge, id, state, ...keys })}
        onDoubleClick={() => showRoute(id)}
        onContextMenu={openRowMenu}
      >
        {bare ? (
          <td data-column="select" />
        ) : (
          <RouteSelectCell id={id} selected={selected} tabbable={current} />
        )}
        <RouteStateCell tone={condition.tone} shape={condition.shape} word={condition.word} />
        <RouteNameCell id={id} note={config?.note ?? ""} tags={config?.tags} tabbable={current} />
        <RouteAddressCell
          listen={listen}
          names={routeNames(config)}
          exposed={look.exposed}
          bare={bare}
          tabbable={current}
          onCopyAddress={copyAddress}
        />
        <RouteTargetCell
          target={target}
          health={targetHealth}
          stopped={!isRunning(state)}
          shape={routeShape(config)}
        />
        <RouteFigures
          id={id}
          tabbable={current}
          since={since}
          troubleAt={past?.at ?? null}
          troubleReason={past?.reason ?? null}
        />
        {bare ? (
          <td data-column="actions" />
        ) : (
          <RouteActionsCell
            id={id}
            target={target}
            running={isRunning(state)}
            failed={state === "failed"}
            tabbable={current}
            onCopyAddress={copyAddress}
            onCopyListen={copyHostPort}
          />
        )}
      </tr>
      <RouteNotices status={look} tabbable={current} columnCount={columnCount} />
    </>
  );
}

interface RowKeys {
  readonly bridge: Bridge;
  readonly id: string;
  readonly state: RouteStatus["state"];
  readonly copyAddress: () => void;
  readonly copyHostPort: () => void;
  readonly select: () => void;
}

/** What the keys mean on the row itself. */
function onRowKey(event: KeyboardEvent<HTMLTableRowElement>, keys: RowKeys): void {
  const { bridge, id, state, copyAddress, copyHostPort, select } = keys;
  const isCopy = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "c";
  if (isCopy && event.target === event.currentTarget && getSelection()?.isCollapsed !== false) {
    event.preventDefault();
    copyHostPort();
  }
  actOnRow(event, {
    " ": () => toggleRoute(bridge, id),
    Enter: () => showRoute(id),
    e: () => openSheet({ kind: "route", id }),
    Delete: () => deleteRoutes(bridge, [id]),
    c: copyAddress,
    x: select,
    r: () => isRunning(state) && restartRoute(bridge, id),
  });
}
