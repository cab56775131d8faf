import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { CheckField } from "../design/Field.tsx";
import { moveInGrid } from "../design/row-keys.ts";
import { SortHeader } from "../design/SortHeader.tsx";
import { plural } from "../design/format.ts";
import { selectRoutes, sortRoutesBy } from "../view/view-store.ts";
import type { AddressRequest } from "./AddressPopover.tsx";
import type { RouteGroup, RouteOrder, RouteSortKey } from "./route-rows.ts";
import { RouteTableRow } from "./RouteTableRow.tsx";

interface Column {
  readonly key: RouteSortKey | null;
  readonly title: string;
  readonly name: string;
  readonly hint?: string;
}

const columns: readonly Column[] = [
  { key: "state", title: "State", name: "state" },
  { key: "id", title: "Route", name: "id" },
  { key: "listen", title: "Local address", name: "listen" },
  { key: "target", title: "Target", name: "target" },
  { key: "open", title: "Conns", name: "conns", hint: "Open connections" },
  { key: "toClient", title: "↓ Client", name: "rate", hint: "Bytes per second to clients" },
  { key: "toBackend", title: "↑ Backend", name: "rate-up", hint: "Bytes per second to backends" },
  { key: null, title: "60 s", name: "spark" },
  { key: "total", title: "Total", name: "total", hint: "Bytes both ways since the start" },
];
/** The selection before and the buttons after. */
const columnCount = columns.length + 2;

export interface RouteTableProps {
  readonly groups: readonly RouteGroup[];
  readonly order: RouteOrder | null;
  readonly selection: ReadonlySet<string>;
  readonly onCopyAddress: (request: AddressRequest) => void;
}

/** The routes as a grid: one row is in the tab order, arrows move between rows, right goes into a row. */
export function RouteTable({ groups, order, selection, onCopyAddress }: RouteTableProps) {
  const ids = groups.flatMap((group) => group.rows.map((row) => row.status.id));
  const { current, setFocused, grid } = useCurrentRow(ids);
  const selectedShown = ids.filter((id) => selection.has(id)).length;
  return (
    <div className="table-scroll">
      <table
        ref={grid}
        className="table routes-table"
        role="grid"
        aria-label="Routes"
        aria-multiselectable="true"
        onKeyDown={(event: KeyboardEvent<HTMLTableElement>) => moveInGrid(event)}
        onFocus={(event) => {
          const row = (event.target as HTMLElement).closest<HTMLElement>("[data-row]");
          if (row?.dataset["row"]) setFocused(row.dataset["row"]);
        }}
      >
        <thead>
          <tr>
            <th scope="col" data-column="select">
              <CheckField
                aria-label="Select all shown"
                isSelected={selectedShown === ids.length}
                isIndeterminate={selectedShown > 0 && selectedShown < ids.length}
                onChange={(all) => selectRoutes(all ? ids : [])}
              />
            </th>
            {columns.map(({ key, title, name, hint }) => (
              <SortHeader
                key={title}
                title={title}
                name={name}
                {...(hint && { hint })}
                {...(key && { onSort: () => sortRoutesBy(key) })}
                direction={
                  key && order?.key === key ? (order.descending ? "descending" : "ascending") : "none"
                }
              />
            ))}
            <th scope="col" data-column="actions">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group.title}>
            {group.title && (
              <tr className="group-row">
                <th scope="rowgroup" colSpan={columnCount}>
                  {group.title} <span className="soft">{plural(group.rows.length, "route")}</span>
                </th>
              </tr>
            )}
            {group.rows.map(({ status, config }) => (
              <RouteTableRow
                key={status.id}
                status={status}
                config={config}
                current={status.id === current}
                selected={selection.has(status.id)}
                columnCount={columnCount}
                onCopyAddress={onCopyAddress}
              />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

/** The one row that Tab comes to: the one last focused or, when that is gone, the one now in its place. */
function useCurrentRow(ids: readonly string[]) {
  const [focused, setFocused] = useState<{ readonly id: string; readonly index: number } | null>(null);
  const grid = useRef<HTMLTableElement>(null);
  const there = focused !== null && ids.includes(focused.id);
  const current = there ? focused.id : ids[Math.min(focused?.index ?? 0, ids.length - 1)];
  useEffect(() => {
    // A deleted row takes the focus with it to nowhere; someone at the keyboard wants to go on from here.
    if (focused && !there && document.activeElement === document.body)
      grid.current?.querySelector<HTMLElement>("[data-row][tabindex='0']")?.focus();
  }, [focused, there]);
  return { current, grid, setFocused: (id: string) => setFocused({ id, index: ids.indexOf(id) }) };
}
