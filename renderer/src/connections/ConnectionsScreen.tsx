import { useMemo } from "react";
import { SelectField } from "../design/Field.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { formatCount, plural } from "../design/format.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { useView } from "../view/view-store.ts";
import { filterConnections } from "./connection-rows.ts";
import { ConnectionTable } from "./ConnectionTable.tsx";

const all = ":all";

/** Every live connection: whose it is, where it goes and why, what has passed. */
export function ConnectionsScreen() {
  const connections = useMirror((mirror) => mirror.connections);
  const routes = useMirror((mirror) => mirror.routes);
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
        <ConnectionTable label="Connections" connections={shown} />
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
