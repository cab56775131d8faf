/** What the list of connections shows of each. */
import type { ConnectionStatus } from "../../../app/contract/snapshot.ts";
import { formatBytes } from "../design/format.ts";
import type { GridColumn } from "../design/GridRow.tsx";
import { StateMark } from "../design/StateMark.tsx";
import { useAge } from "../design/use-age.ts";
import { CloseConnection } from "./CloseConnection.tsx";
import type { ConnectionOrder, ConnectionSortKey } from "./connection-rows.ts";

interface ColumnOptions {
  readonly order: ConnectionOrder;
  readonly setOrder: (next: (now: ConnectionOrder) => ConnectionOrder) => void;
  /** The connection whose row asks whether it is to be closed. */
  readonly asked: string | null;
  readonly setAsked: (id: string | null) => void;
  readonly ofOneRoute: boolean;
}

export function connectionColumns(options: ColumnOptions): readonly GridColumn<ConnectionStatus>[] {
  const { order, setOrder, asked, setAsked, ofOneRoute } = options;
  const sortBy = (key: ConnectionSortKey, descendingFirst: boolean): void =>
    setOrder((now) => ({ key, descending: now.key === key ? !now.descending : descendingFirst }));
  const head = (key: ConnectionSortKey, title: string, descendingFirst = false) => ({
    title,
    onSort: () => sortBy(key, descendingFirst),
    ...(order.key === key && {
      direction: order.descending ? ("descending" as const) : ("ascending" as const),
    }),
  });
  return [
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
      cell: (row) => (ofOneRoute ? row.backend : <Way connection={row} />),
    },
    { name: "why", title: "Why", cell: (row) => <Why connection={row} /> },
    { name: "age", ...head("since", "Age", true), cell: (row) => <Age since={row.since} /> },
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
}

function Age({ since }: { readonly since: string }) {
  return useAge(since);
}

function Way({ connection: { route, backend, why } }: { readonly connection: ConnectionStatus }) {
  return (
    <span title={`${route || why} → ${backend}`}>
      {route || <span className="soft">Galvanometer</span>} <span className="faint">→</span> {backend}
    </span>
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
