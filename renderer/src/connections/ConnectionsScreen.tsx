import { memo, useMemo, useState } from "react";
import type { ConnectionStatus } from "../../../app/contract/snapshot.ts";
import { Button } from "../design/Button.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { formatCount, plural } from "../design/format.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { type SubjectGroup, SubjectSelect } from "../subjects/SubjectSelect.tsx";
import { useIds } from "../subjects/use-ids.ts";
import { showConnections, showScreen, useView } from "../view/view-store.ts";
import { filterConnections } from "./connection-rows.ts";
import { ConnectionTable } from "./ConnectionTable.tsx";
import { useConnections } from "./use-connections.ts";

/** Every live connection: whose it is, where it goes and why, what has passed. */
export function ConnectionsScreen() {
  const connections = useConnections();
  const { connectionsOf, connectionText } = useView();
  const shown = useMemo(
    () => connections && filterConnections(connections, connectionsOf, connectionText),
    [connections, connectionsOf, connectionText],
  );
  return (
    <div className="screen">
      <div className="toolbar">
        <ConnectionFilters />
        <span className="soft" role="status">
          {shown && connections && countText(shown.length, connections.length)}
        </span>
      </div>
      {shown && connections && <Listed shown={shown} isFiltered={connections.length > 0} />}
    </div>
  );
}

function countText(shown: number, open: number): string {
  const all = plural(open, "connection");
  return shown === open ? all : `${formatCount(shown)} of ${all}`;
}

interface ListedProps {
  readonly shown: readonly ConnectionStatus[];
  readonly isFiltered: boolean;
}

function Listed({ shown, isFiltered }: ListedProps) {
  return shown.length > 0 ? (
    <ConnectionTable label="Connections" connections={shown} />
  ) : (
    <NothingShown isFiltered={isFiltered} />
  );
}

/** Apart from the list, which is another four times a second. */
const ConnectionFilters = memo(function ConnectionFilters() {
  const text = useView((view) => view.connectionText);
  return (
    <>
      <FilterField
        label="Filter connections"
        value={text}
        onChange={(connectionText) => useView.setState({ connectionText })}
      />
      <OfField />
    </>
  );
});

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

interface Counts {
  readonly route: ReadonlyMap<string, number>;
  readonly backend: ReadonlyMap<string, number>;
}

/** Of which route or backend; the counts are those of the moment it was opened, since a thousand options are not drawn in passing. */
const OfField = memo(function OfField() {
  const value = useView((view) => view.connectionsOf);
  const routes = useIds("routes");
  const backends = useIds("backends");
  const [counts, setCounts] = useState<Counts | null>(null);
  const groups = useMemo(() => {
    const group = (kind: "route" | "backend", ids: readonly string[]): SubjectGroup => ({
      kind,
      options: ids.map((id) => ({ id, detail: formatCount(counts?.[kind].get(id) ?? 0) })),
    });
    return [group("route", routes), group("backend", backends)];
  }, [routes, backends, counts]);
  return (
    <SubjectSelect
      all="All connections"
      value={value}
      groups={groups}
      onOpen={() => setCounts(countsNow())}
      onChange={(connectionsOf) => useView.setState({ connectionsOf })}
    />
  );
});

function countsNow(): Counts {
  const { routes, backends } = useMirror.getState();
  return {
    route: new Map(routes.map(({ id, connections }) => [id, connections.open])),
    backend: new Map(backends.map(({ id, connections }) => [id, connections])),
  };
}
