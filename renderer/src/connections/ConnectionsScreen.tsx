import { useMemo, useState } from "react";
import type { ConnectionStatus } from "../../../app/contract/snapshot.ts";
import { SelectField } from "../design/Field.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { formatAge, formatBytes, formatCount, plural } from "../design/format.ts";
import { useNow } from "../design/use-now.ts";
import { type GridColumn, VirtualGrid } from "../design/VirtualGrid.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { useView } from "../view/view-store.ts";
import { CloseConnection } from "./CloseConnection.tsx";
import {
  type ConnectionOrder,
  type ConnectionSortKey,
  filterConnections,
  sortConnections,
} from "./connection-rows.ts";

const rowHeight = 30;
const all = ":all";
const newestFirst: ConnectionOrder = { key: "since", descending: true };

/** Every live connection: whose it is, where it goes and why, what has passed. */
export function ConnectionsScreen() {
  const connections = useMirror((mirror) => mirror.connections);
  const routes = useMirror((mirror) => mirror.routes);
  const { connectionRoute, connectionText } = useView();
  const [order, setOrder] = useState(newestFirst);
  const [asked, setAsked] = useState<string | null>(null);
  const nowMs = useNow(1000);
  const shown = useMemo(
    () => sortConnections(filterConnections(connections, connectionRoute, connectionText), order),
    [connections, connectionRoute, connectionText, order],
  );
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
    { name: "client", ...head("client", "From"), cell: (row) => <span className="mono">{row.client}</span> },
    {
      name: "way",
      ...head("route", "Route → backend"),
      cell: (row) => (
        <span title={`${row.route} → ${row.backend}`}>
          {row.route} <span className="faint">→</span> {row.backend}
        </span>
      ),
    },
    { name: "why", title: "Why", cell: (row) => <span className="soft">{row.why}</span> },
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
    <div className="screen">
      <div className="toolbar">
        <FilterField
          label="Filter connections"
          value={connectionText}
          onChange={(text) => useView.setState({ connectionText: text })}
        />
        <div className="toolbar-select">
          <SelectField
            label="Route"
            hideLabel
            name="route"
            value={connectionRoute ?? all}
            onChange={(id) => useView.setState({ connectionRoute: id === all ? null : id })}
            sections={[
              { options: [{ id: all, label: "All routes" }] },
              {
                title: "Routes",
                options: routes.map((route) => ({
                  id: route.id,
                  label: route.id,
                  detail: formatCount(route.connections.open),
                })),
              },
            ]}
          />
        </div>
        <span className="soft" role="status">
          {shown.length === connections.length
            ? plural(connections.length, "connection")
            : `${formatCount(shown.length)} of ${plural(connections.length, "connection")}`}
        </span>
      </div>
      {shown.length > 0 ? (
        <VirtualGrid
          label="Connections"
          className="connections"
          rows={shown}
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
      ) : (
        <div className="blank">
          <p className="soft">
            {connections.length === 0 ? "No connection is open." : "No open connection matches the filter."}
          </p>
        </div>
      )}
    </div>
  );
}

function ClientName({ connection }: { readonly connection: ConnectionStatus }) {
  const { ampsClient, clientVersion, kind } = connection;
  if (ampsClient) return <span title={clientVersion ?? ""}>{ampsClient}</span>;
  // Only these log on in a way that can be read in passing.
  const logsOn = kind !== "admin" && kind !== "replication";
  return <span className="faint">{logsOn ? "not seen" : "–"}</span>;
}

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
