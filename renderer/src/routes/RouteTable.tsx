import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useMemo, useRef, useState } from "react";
import { CheckField } from "../design/Field.tsx";
import { SortHeader } from "../design/SortHeader.tsx";
import { plural } from "../design/format.ts";
import { useRowFocus } from "../design/use-row-focus.ts";
import { selectRoutes, sortRoutesBy, useView } from "../view/view-store.ts";
import type { AddressRequest } from "./AddressPopover.tsx";
import type { RouteIndex, RouteOrder, RouteSortKey } from "./route-rows.ts";
import { RouteTableRow, type RouteTableRowProps } from "./RouteTableRow.tsx";
import type { ShownGroup } from "./shown-routes.ts";

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
  { key: "since", title: "Since", name: "since", hint: "How long the route has been in this state" },
  { key: "total", title: "Total", name: "total", hint: "Bytes both ways since the start" },
];
/** The selection before and the buttons after. */
const columnCount = columns.length + 2;

interface RouteTableProps {
  readonly groups: readonly ShownGroup[];
  readonly configured: RouteIndex;
  readonly order: RouteOrder | null;
  readonly selection: ReadonlySet<string>;
  readonly onCopyAddress: (request: AddressRequest) => void;
}

/** What the table is made of, one under the other. */
type Line =
  { readonly kind: "group"; readonly group: ShownGroup } | { readonly kind: "route"; readonly id: string };

const heights = { group: 28, route: 40 } as const;

/**
 * The routes as a grid of any length, of which only the lines in sight are in the page; each row looks itself up. One row
 * is in the tab order; arrows, Page, Home and End move over all rows, in sight or not; right goes into a row.
 */
export const RouteTable = memo(function RouteTable(props: RouteTableProps) {
  const { groups, configured, order, selection, onCopyAddress } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => linesOf(groups), [groups]);
  const ids = useMemo(() => groups.flatMap((group) => group.ids), [groups]);
  const lineOf = useMemo(
    () => new Map(lines.flatMap((line, index) => (line.kind === "route" ? [[line.id, index]] : []))),
    [lines],
  );
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => heights[lines[index]?.kind ?? "route"],
    getItemKey: (index) => keyOf(lines[index]),
    overscan: 8,
    // The head sticks to the top and would lie over the first row.
    scrollPaddingStart: 32,
  });
  const left = useView((view) => view.routeLeft);
  const { current, ...focus } = useRowFocus({
    keys: ids,
    grid: scroll,
    scrollTo: (id) => virtualizer.scrollToIndex(lineOf.get(id) ?? 0, { align: "auto" }),
    focusFirst: left,
  });
  const shown = virtualizer.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <div className="table-scroll" ref={scroll}>
      <table
        className="table routes-table"
        role="grid"
        aria-label="Routes"
        aria-multiselectable="true"
        aria-rowcount={ids.length + 1}
        {...focus}
      >
        <RouteTableHead ids={ids} order={order} selection={selection} />
        <Spacer height={before} />
        {shown.map(({ index, key }) => {
          const line = lines[index];
          if (line === undefined) return null;
          return (
            <tbody key={key} ref={virtualizer.measureElement} data-index={index}>
              {line.kind === "group" ? (
                <GroupRow group={line.group} selection={selection} />
              ) : (
                <ShownRow
                  scrolling={virtualizer.isScrolling}
                  id={line.id}
                  config={configured.routes.get(line.id) ?? null}
                  current={line.id === current}
                  selected={selection.has(line.id)}
                  columnCount={columnCount}
                  onCopyAddress={onCopyAddress}
                />
              )}
            </tbody>
          );
        })}
        <Spacer height={after} />
      </table>
    </div>
  );
});

interface ShownRowProps extends Omit<RouteTableRowProps, "bare"> {
  readonly scrolling: boolean;
}

/** A row that comes into sight in the middle of a scroll has no buttons until it ends: they are most of its cost. */
function ShownRow({ scrolling, ...row }: ShownRowProps) {
  const [whole, setWhole] = useState(!scrolling);
  if (!whole && !scrolling) setWhole(true);
  return <RouteTableRow {...row} bare={!whole && !row.current} />;
}

function linesOf(groups: readonly ShownGroup[]): readonly Line[] {
  return groups.flatMap((group): readonly Line[] => [
    ...(group.title === "" ? [] : [{ kind: "group", group } as const]),
    ...group.ids.map((id) => ({ kind: "route", id }) as const),
  ]);
}

function keyOf(line: Line | undefined): string {
  if (line === undefined) return "";
  return line.kind === "group" ? `group ${line.group.title}` : `route ${line.id}`;
}

/** Stands for the lines that are out of sight. */
function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    <tbody aria-hidden className="table-spacer">
      <tr>
        <td colSpan={columnCount} style={{ height }} />
      </tr>
    </tbody>
  );
}

interface GroupRowProps {
  readonly group: ShownGroup;
  readonly selection: ReadonlySet<string>;
}

/** The head of a group; its box selects the group, to be started, stopped or deleted together. */
function GroupRow({ group: { title, ids }, selection }: GroupRowProps) {
  const count = ids.filter((id) => selection.has(id)).length;
  const select = (all: boolean): void => {
    const others = [...selection].filter((id) => !ids.includes(id));
    selectRoutes(all ? [...others, ...ids] : others);
  };
  return (
    <tr className="group-row">
      <th scope="rowgroup" colSpan={columnCount}>
        <span className="group-title">
          <CheckField
            aria-label={`Select all of ${title}`}
            isSelected={count === ids.length}
            isIndeterminate={count > 0 && count < ids.length}
            onChange={select}
          />
          {title} <span className="soft">{plural(ids.length, "route")}</span>
        </span>
      </th>
    </tr>
  );
}

interface RouteTableHeadProps {
  readonly ids: readonly string[];
  readonly order: RouteOrder | null;
  readonly selection: ReadonlySet<string>;
}

function RouteTableHead({ ids, order, selection }: RouteTableHeadProps) {
  const selectedShown = ids.filter((id) => selection.has(id)).length;
  return (
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
            direction={key && order?.key === key ? (order.descending ? "descending" : "ascending") : "none"}
          />
        ))}
        <th scope="col" data-column="actions">
          <span className="visually-hidden">Actions</span>
        </th>
      </tr>
    </thead>
  );
}
