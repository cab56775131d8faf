import { Copy } from "lucide-react";
import { type KeyboardEvent, memo, useRef } from "react";
import type { RouteConfig } from "../../../app/contract/config.ts";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button, IconButton } from "../design/Button.tsx";
import { CheckField } from "../design/Field.tsx";
import { formatBytes, formatCount, formatRate } from "../design/format.ts";
import { Sparkline } from "../design/Sparkline.tsx";
import { StateMark, StateWord } from "../design/StateMark.tsx";
import { useRateHistory } from "../mirror/rate-history.ts";
import { openSheet, selectRoute, showConnections, showRoute } from "../view/view-store.ts";
import type { AddressRequest } from "./AddressPopover.tsx";
import { deleteRoutes, startRoutes, stopRoutes, toggleRoute } from "./route-actions.ts";
import { healthCondition, isRunning, routeCondition } from "./route-condition.ts";
import { routeShape, totalBytes } from "./route-rows.ts";
import { RouteUnderConditions } from "../conditions/RouteUnderConditions.tsx";
import { RouteMenu } from "./RouteMenu.tsx";
import { RouteTrouble } from "./RouteTrouble.tsx";

export interface RouteTableRowProps {
  readonly status: RouteStatus;
  readonly config: RouteConfig | null;
  /** True for the one row that Tab comes to. */
  readonly current: boolean;
  readonly selected: boolean;
  readonly columnCount: number;
  readonly onCopyAddress: (request: AddressRequest) => void;
}

/** One route, and under it what is wrong with it, if something is. */
export const RouteTableRow = memo(function RouteTableRow(props: RouteTableRowProps) {
  const { status, config, current, selected, columnCount, onCopyAddress } = props;
  const bridge = useBridge();
  const row = useRef<HTMLTableRowElement>(null);
  const { id, state, targetHealth, connections, rate } = status;
  const condition = routeCondition(status);
  const running = isRunning(state);
  const copyAddress = (): void => {
    const anchor = row.current?.querySelector<HTMLElement>("[data-anchor]");
    if (anchor) onCopyAddress({ id, anchor });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Readonly<Record<string, () => void>> = {
      " ": () => toggleRoute(bridge, id),
      Enter: () => showRoute(id),
      e: () => openSheet({ kind: "route", id }),
      Delete: () => deleteRoutes(bridge, [id]),
      c: copyAddress,
      x: () => selectRoute(id, !selected),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  return (
    <>
      <tr
        ref={row}
        className="route-row"
        data-row={id}
        data-state={state}
        data-health={targetHealth}
        data-trouble={condition.trouble || status.conditions !== null}
        tabIndex={current ? 0 : -1}
        aria-selected={selected}
        onKeyDown={onKeyDown}
        onDoubleClick={() => showRoute(id)}
      >
        <td data-column="select">
          <CheckField
            aria-label={`Select ${id}`}
            isSelected={selected}
            excludeFromTabOrder={!current}
            onChange={(on) => selectRoute(id, on)}
          />
        </td>
        <td data-column="state">
          <StateWord condition={condition} />
        </td>
        <th scope="row" data-column="id">
          <button
            type="button"
            className="route-id link-name"
            tabIndex={current ? 0 : -1}
            title="Show details"
            onClick={() => showRoute(id)}
          >
            {id}
          </button>
          {config?.note && <span className="route-note ellipsis">{config.note}</span>}
        </th>
        <td data-column="listen">
          <span className="route-listen">
            <span className="mono ellipsis" title={status.listen}>
              {status.listen}
            </span>
            <IconButton label="Copy address" data-anchor excludeFromTabOrder={!current} onPress={copyAddress}>
              <Copy />
            </IconButton>
          </span>
          {status.exposed && <span className="route-note route-exposed">▲ open to others</span>}
        </td>
        <td data-column="target">
          <RouteTarget status={status} config={config} />
        </td>
        <td data-column="conns">
          <button
            type="button"
            className="count-link"
            tabIndex={current ? 0 : -1}
            onClick={() => showConnections(id)}
            title={`${formatCount(connections.total)} since the start. Show the open ones`}
          >
            {formatCount(connections.open)}
          </button>
          {connections.refused > 0 && (
            <span className="route-note refused">{formatCount(connections.refused)} refused</span>
          )}
        </td>
        <td data-column="rate" data-zero={rate.toClient === 0}>
          {formatRate(rate.toClient)}
        </td>
        <td data-column="rate-up" data-zero={rate.toBackend === 0}>
          {formatRate(rate.toBackend)}
        </td>
        <td data-column="spark">
          <RouteSparkline id={id} />
        </td>
        <td data-column="total">{formatBytes(totalBytes(status))}</td>
        <td data-column="actions">
          <div className="row-actions">
            <Button
              size="small"
              excludeFromTabOrder={!current}
              aria-label={`${running ? "Stop" : "Start"} ${id}`}
              onPress={() => (running ? stopRoutes(bridge, [id]) : void startRoutes(bridge, [id]))}
            >
              {running ? "Stop" : "Start"}
            </Button>
            <RouteMenu status={status} tabbable={current} onCopyAddress={copyAddress} />
          </div>
        </td>
      </tr>
      {status.conditions && (
        <tr className="trouble-row" data-tone="warn">
          <td colSpan={columnCount}>
            <RouteUnderConditions id={id} active={status.conditions} tabbable={current} />
          </td>
        </tr>
      )}
      {condition.trouble && (
        <tr className="trouble-row" data-tone={condition.tone}>
          <td colSpan={columnCount}>
            <RouteTrouble status={status} tabbable={current} />
          </td>
        </tr>
      )}
    </>
  );
});

function RouteTarget({
  status,
  config,
}: {
  readonly status: RouteStatus;
  readonly config: RouteConfig | null;
}) {
  const health = healthCondition(status.targetHealth);
  const spoken = status.targetHealth !== "up" && status.state !== "stopped";
  return (
    <>
      <span className="route-target" title={status.target}>
        <span className="route-arrow" aria-hidden>
          →
        </span>
        <StateMark condition={health} label={`target: ${health.word}`} />
        <span className="ellipsis">{status.target}</span>
      </span>
      <span className="route-note ellipsis">
        {spoken && <span className="target-health">{health.word.toLowerCase()} · </span>}
        {routeShape(config)}
      </span>
    </>
  );
}

const noSamples: readonly never[] = [];

function RouteSparkline({ id }: { readonly id: string }) {
  return <Sparkline samples={useRateHistory((history) => history.byRoute[id] ?? noSamples)} />;
}
