import { memo, type ReactNode } from "react";

export interface GridColumn<Row> {
  readonly name: string;
  /** Empty for the column of buttons. */
  readonly title: string;
  readonly cell: (row: Row, current: boolean) => ReactNode;
  readonly onSort?: () => void;
  readonly direction?: "ascending" | "descending";
}

/** Data attributes of a row, by which the style sheet knows its state. */
export type GridData<Row> = (row: Row) => Readonly<Record<`data-${string}`, string | boolean>>;

interface GridRowProps<Row> {
  readonly row: Row;
  readonly name: string;
  readonly index: number;
  /** How far down it stands, in pixels. */
  readonly start: number;
  readonly isCurrent: boolean;
  readonly columns: readonly GridColumn<Row>[];
  readonly dataOf: GridData<Row> | undefined;
  readonly measure: (element: HTMLElement | null) => void;
  readonly onCurrent: (name: string, index: number) => void;
}

function DrawnRow<Row>(props: GridRowProps<Row>) {
  const { row, name, index, start, isCurrent, columns, dataOf, measure, onCurrent } = props;
  return (
    <div
      ref={measure}
      role="row"
      className="vgrid-row"
      data-row={name}
      data-index={index}
      aria-rowindex={index + 2}
      tabIndex={isCurrent ? 0 : -1}
      style={{ transform: `translateY(${start}px)` }}
      onFocus={() => onCurrent(name, index)}
      {...dataOf?.(row)}
    >
      {columns.map((column) => (
        <div key={column.name} role="gridcell" data-column={column.name}>
          {column.cell(row, isCurrent)}
        </div>
      ))}
    </div>
  );
}

/** One row of a grid of any length: drawn anew only where it has changed. */
export const GridRow = memo(DrawnRow) as typeof DrawnRow;
