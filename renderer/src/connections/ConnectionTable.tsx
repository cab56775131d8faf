import { useMemo, useRef, useState } from "react";
import type { ConnectionStatus } from "../../../app/contract/snapshot.ts";
import { VirtualGrid } from "../design/VirtualGrid.tsx";
import { connectionColumns } from "./connection-columns.tsx";
import { type ConnectionOrder, type Sorting, sortConnections, sortedRows } from "./connection-rows.ts";

const rowHeight = 30;
const keyOf = ({ id }: ConnectionStatus): string => id;
const dataOf = ({ state }: ConnectionStatus) => ({ "data-state": state });
const newestFirst: ConnectionOrder = { key: "since", descending: true };

interface ConnectionTableProps {
  readonly label: string;
  readonly connections: readonly ConnectionStatus[];
  /** Leave the route out: all of them are of one. */
  readonly ofOneRoute?: boolean;
}

/** Live connections, newest first until sorted otherwise, each with the button that closes it. */
export function ConnectionTable({ label, connections, ofOneRoute = false }: ConnectionTableProps) {
  const [order, setOrder] = useState(newestFirst);
  const [asked, setAsked] = useState<string | null>(null);
  const sorted = useSorted(connections, order);
  const columns = useMemo(
    () => connectionColumns({ order, setOrder, asked, setAsked, ofOneRoute }),
    [order, asked, ofOneRoute],
  );
  return (
    <VirtualGrid
      label={label}
      className="connections"
      rows={sorted}
      keyOf={keyOf}
      columns={columns}
      rowHeight={rowHeight}
      dataOf={dataOf}
      onRowKey={(row, key) => {
        if (key === "Delete") setAsked(row.id);
        else if (key === "Escape") setAsked(null);
        return key === "Delete" || key === "Escape";
      }}
    />
  );
}

function useSorted(connections: readonly ConnectionStatus[], order: ConnectionOrder) {
  const known = useRef<Sorting | null>(null);
  return useMemo(() => {
    known.current = sortConnections(connections, order, known.current);
    return sortedRows(connections, known.current);
  }, [connections, order]);
}
