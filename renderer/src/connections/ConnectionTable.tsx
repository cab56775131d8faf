import { useMemo, useState } from "react";
import type { ConnectionStatus } from "../../../app/contract/snapshot.ts";
import { formatAge, formatBytes } from "../design/format.ts";
import { StateMark } from "../design/StateMark.tsx";
import { useNow } from "../design/use-now.ts";
import { type GridColumn, VirtualGrid } from "../design/VirtualGrid.tsx";
import { CloseConnection } from "./CloseConnection.tsx";
import { type ConnectionOrder, type ConnectionSortKey, sortConnections } from "./connection-rows.ts";

const rowHeight = 30;
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
  const nowMs = useNow(1000);
  const sorted = useMemo(() => sortConnections(connections, order), [connections, order]);
  const sortBy = (key: ConnectionSortKey, descendingFirst = false): void =>
    setOrder((now) => ({ key, descending: now.key === key ? !now.descending : descendingFirst }));
  const head = (key: ConnectionSortKey, title: string, descendingFirst = false) => ({
    title,
    onSort: () => sortBy(key, descendingFirst),
    ...(order.key === key && {
      direction: order.descending ? ("descending" as const) : ("ascending" as const),
    }),
  });
  const columns: readonly GridColumn<ConnectionStatus>[] = [
    {
      name: "amps-client",
      ...head("ampsClient", "AMPS client"),
      cell: (row) => <ClientName connection={row} />,
    },
    { name: "user", ...head("user", "User"), cell: (row) => row.user || <span className="faint">–</span> },
    { name: "kind", ...head("kind", "Kind"), cell: (row) => <Kind connection={row} /> },
    {
      name: "client",
      ...head("client", "From"),
      cell: (row) => (
        <span className="mono" title={row.client}>
          {row.client}
        </span>
      ),
    },
    {
      name: "way",
      ...head("route", ofOneRoute ? "Backend" : "Route → backend"),
      cell: (row) =>
        ofOneRoute ? (
          row.backend
        ) : (
          <span title={`${row.route || row.why} → ${row.backend}`}>
            {row.route || <span className="soft">Galvanometer</span>} <span className="faint">→</span>{" "}
            {row.backend}
          </span>
        ),
    },
    { name: "why", title: "Why", cell: (row) => <Why connection={row} /> },
    { name: "age", ...head("since", "Age", true), cell: (row) => formatAge(row.since, nowMs) },
    { name: "bytes", ...head("toClient", "↓ Client", true), cell: (row) => formatBytes(row.bytes.toClient) },
    {
      name: "bytes-up",
      ...head("toBackend", "↑ Backend", true),
      cell: (row) => formatBytes(row.bytes.toBackend),
    },
    {
      name: "actions",
      title: "",
      cell: (row, current) => (
        <CloseConnection id={row.id} asking={asked === row.id} onAsk={setAsked} tabbable={current} />
      ),
    },
  ];
  return (
    <VirtualGrid
      label={label}
      className="connections"
      rows={sorted}
      keyOf={(row) => row.id}
      columns={columns}
      rowHeight={rowHeight}
      dataOf={(row) => ({ "data-state": row.state })}
      onRowKey={(row, key) => {
        if (key === "Delete") setAsked(row.id);
        else if (key === "Escape") setAsked(null);
        return key === "Delete" || key === "Escape";
      }}
    />
  );
}

function ClientName({ connection }: { readonly connection: ConnectionStatus }) {
  const { ampsClient, clientVersion, kind } = connection;
  if (ampsClient) return <span title={clientVersion ?? ""}>{ampsClient}</span>;
  // Only these log on in a way that can be read in passing.
  const logsOn = kind !== "admin" && kind !== "replication" && connection.route !== "";
  return <span className="faint">{logsOn ? "not seen" : "–"}</span>;
}

/** On a route of plain subscribers, first of all what it does that the guard does not look after there. */
function Why({ connection: { role, route, why } }: { readonly connection: ConnectionStatus }) {
  if (role === null || role === "subscribers")
    return (
      <span className="soft" title={why}>
        {why}
      </span>
    );
  const { word, does } = exceeded[role];
  return (
    <span
      className="state-word"
      data-tone="warn"
      title={`It ${does} on ${route}, whose clients are subscribers; ${why}`}
    >
      <StateMark condition={{ tone: "warn", shape: "triangle", word }} />
      {word}
    </span>
  );
}

const exceeded = {
  publishers: { word: "publishes", does: "publishes" },
  "queue-consumers": { word: "consumes", does: "consumes from a queue" },
  "bookmark-subscribers": { word: "bookmarks", does: "subscribes with a bookmark" },
} as const;

const stateWords = {
  connecting: "connecting",
  open: "",
  "half-closed": "half-closed",
  closing: "closing",
} as const;

function Kind({ connection }: { readonly connection: ConnectionStatus }) {
  const { kind, messageType, state } = connection;
  return (
    <>
      {kind}
      {messageType && <span className="faint"> {messageType}</span>}
      {stateWords[state] && <span className="tag">{stateWords[state]}</span>}
    </>
  );
}
