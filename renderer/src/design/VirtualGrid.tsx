import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { type GridColumn, type GridData, GridRow } from "./GridRow.tsx";

/** Rows are drawn anew where they are other objects, or where what they are drawn by is: columns and functions are to stay the same. */
interface VirtualGridProps<Row> {
  readonly label: string;
  readonly className: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly columns: readonly GridColumn<Row>[];
  readonly rowHeight: number;
  /** Data attributes of a row, by which the style sheet knows its state. */
  readonly dataOf?: GridData<Row>;
  /** A key pressed on a row itself; true when it meant something. */
  readonly onRowKey?: (row: Row, key: string) => boolean;
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 };

/**
 * A grid of any length, of which only the rows in sight are in the page. One row is in the tab order; arrows, Page,
 * Home and End move over all rows, in sight or not; right goes into a row.
 */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>) {
  const { label, className, rows, keyOf, columns, rowHeight, dataOf, onRowKey } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState<{ readonly key: string; readonly index: number } | null>(null);
  const keys = useSameList(rows.map(keyOf));
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    // Where this is another function, all places are reckoned anew.
    getItemKey: useCallback((index: number) => keys[index] ?? index, [keys]),
    overscan: 8,
  });
  const found = current === null ? -1 : keys.indexOf(current.key);
  // When the current row is gone, the one now in its place is.
  const currentIndex = found === -1 ? Math.min(current?.index ?? 0, rows.length - 1) : found;

  const makeCurrent = useCallback((key: string, index: number) => setCurrent({ key, index }), []);
  const goTo = (index: number): void => {
    const row = rows[index];
    if (row === undefined) return;
    makeCurrent(keyOf(row), index);
    virtualizer.scrollToIndex(index, { align: "auto" });
    // The row may come into the page only after the scroll.
    requestAnimationFrame(() => requestAnimationFrame(() => focusRow(scroll.current, index)));
  };
  const hasFocus = useRef(false);
  useEffect(() => {
    // A row that ends takes the focus with it to nowhere; someone at the keyboard wants to go on from here.
    const isLost = hasFocus.current && document.activeElement === document.body;
    if (isLost && current !== null && found === -1) goTo(currentIndex);
  });
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const element = (event.target as HTMLElement).closest<HTMLElement>("[data-row]");
    if (!element) return;
    const index = Number(element.dataset["index"]);
    const row = rows[index];
    const step = steps[event.key];
    const last = rows.length - 1;
    if (step !== undefined) goTo(Math.min(last, Math.max(0, index + step)));
    else if (event.key === "Home") goTo(0);
    else if (event.key === "End") goTo(last);
    else if (event.key === "ArrowRight") element.querySelector<HTMLElement>("button")?.focus();
    else if (event.key === "ArrowLeft") element.focus();
    else if (event.target !== element || row === undefined || !onRowKey?.(row, event.key)) return;
    event.preventDefault();
  };

  return (
    <div className={`vgrid ${className}`} role="grid" aria-label={label} aria-rowcount={rows.length + 1}>
      <div role="rowgroup" className="vgrid-head">
        <div role="row" className="vgrid-row">
          {columns.map((column) => (
            <GridHead key={column.name} column={column} />
          ))}
        </div>
      </div>
      <div
        ref={scroll}
        className="vgrid-scroll"
        role="presentation"
        onKeyDown={onKeyDown}
        onFocus={() => (hasFocus.current = true)}
        onBlur={() => (hasFocus.current = false)}
      >
        <div role="rowgroup" className="vgrid-body" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => (
            <GridRow
              key={key}
              row={rows[index] as Row}
              name={String(key)}
              index={index}
              start={start}
              isCurrent={index === currentIndex}
              columns={columns}
              dataOf={dataOf}
              measure={virtualizer.measureElement}
              onCurrent={makeCurrent}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** The list as it was before, where it says the same. */
function useSameList(list: readonly string[]): readonly string[] {
  const known = useRef(list);
  const isSame =
    known.current.length === list.length && known.current.every((item, index) => item === list[index]);
  if (!isSame) known.current = list;
  return known.current;
}

function focusRow(grid: HTMLElement | null, index: number): void {
  grid?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true });
}

function GridHead<Row>({ column }: { readonly column: GridColumn<Row> }) {
  const { name, title, onSort, direction } = column;
  return (
    <div role="columnheader" data-column={name} {...(onSort && { "aria-sort": direction ?? "none" })}>
      {onSort ? (
        <button type="button" className="sort" onClick={onSort}>
          {title}
          {direction === "ascending" && <ArrowUp aria-hidden />}
          {direction === "descending" && <ArrowDown aria-hidden />}
        </button>
      ) : (
        title || <span className="visually-hidden">Actions</span>
      )}
    </div>
  );
}
