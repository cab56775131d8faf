import { memo, useMemo, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { Button } from "../design/Button.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { formatCount, plural } from "../design/format.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { RouteSelect } from "../routes/RouteSelect.tsx";
import { showConnections, showScreen, useView } from "../view/view-store.ts";
import { filterConnections } from "./connection-rows.ts";
import { ConnectionTable } from "./ConnectionTable.tsx";

/** Every live connection: whose it is, where it goes and why, what has passed. */
export function ConnectionsScreen() {
  const connections = useMirror((mirror) => mirror.connections);
  const { connectionRoute, connectionText } = useView();
  const shown = useMemo(
    () => filterConnections(connections, connectionRoute, connectionText),
    [connections, connectionRoute, connectionText],
  );
  return (
    <div className="screen">
      <div className="toolbar">
        <FilterField
          label="Filter connections"
          value={connectionText}
          onChange={(text) => useView.setState({ connectionText: text })}
        />
        <RouteField />
        <span className="soft" role="status">
          {shown.length === connections.length
            ? plural(connections.length, "connection")
            : `${formatCount(shown.length)} of ${plural(connections.length, "connection")}`}
        </span>
      </div>
      {shown.length > 0 ? (
        <ConnectionTable label="Connections" connections={shown} />
      ) : (
        <NothingShown isFiltered={connections.length > 0} />
      )}
    </div>
  );
}

function NothingShown({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <div className="blank">
      <p className="soft">
        {isFiltered
          ? "No open connection matches the filter."
          : "No connection is open. A client that connects to a route’s local address is listed here."}
      </p>
      {isFiltered ? (
        <Button onPress={() => showConnections(null)}>Show all connections</Button>
      ) : (
        <Button onPress={() => showScreen("routes")}>Show routes</Button>
      )}
    </div>
  );
}

/** Of which route; the counts are those of the moment it was opened, since a thousand options are not drawn in passing. */
const RouteField = memo(function RouteField() {
  const value = useView((view) => view.connectionRoute);
  const ids = useMirror(useShallow((mirror) => mirror.routes.map(({ id }) => id)));
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>(new Map());
  const options = useMemo(
    () => ids.map((id) => ({ id, label: id, detail: formatCount(counts.get(id) ?? 0) })),
    [ids, counts],
  );
  const count = (): void => {
    const { routes } = useMirror.getState();
    setCounts(new Map(routes.map(({ id, connections }) => [id, connections.open])));
  };
  return (
    <RouteSelect
      value={value}
      options={options}
      onOpen={count}
      onChange={(route) => useView.setState({ connectionRoute: route })}
    />
  );
});
