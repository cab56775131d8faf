import { useMemo, useRef, useState } from "react";
import { Plus } from "lucide-react";
import { Button } from "../design/Button.tsx";
import { useBlankFocus } from "../design/use-blank-focus.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet, useView } from "../view/view-store.ts";
import { RouteDetail, RouteGone } from "../route-detail/RouteDetail.tsx";
import { AddressPopover, type AddressRequest } from "./AddressPopover.tsx";
import { BulkBar } from "./BulkBar.tsx";
import { groupRoutes, indexRoutes, joinRoutes, matchesFilter, sortRoutes } from "./route-rows.ts";
import { RouteFilters } from "./RouteFilters.tsx";
import { RouteTable } from "./RouteTable.tsx";

/** Home: every route, or one of them in detail. */
export function RoutesScreen() {
  const id = useView((view) => view.routeShown);
  const status = useMirror((mirror) => mirror.routes.find((route) => route.id === id));
  const config = useMirror((mirror) => mirror.saved?.config.routes.find((route) => route.id === id) ?? null);
  if (id === null) return <AllRoutes />;
  return status ? <RouteDetail status={status} config={config} /> : <RouteGone id={id} />;
}

/** Every route, its state, its target and its flow. */
function AllRoutes() {
  const statuses = useMirror((mirror) => mirror.routes);
  const config = useMirror((mirror) => mirror.saved?.config ?? null);
  const { routeText, routeState, routeOrder, routeGrouping, selection } = useView();
  const [asked, setAsked] = useState<AddressRequest | null>(null);
  const configured = useMemo(() => indexRoutes(config), [config]);
  const rows = useMemo(() => joinRoutes(statuses, configured), [statuses, configured]);
  const groups = useMemo(() => {
    const shown = rows.filter((row) => matchesFilter(row, routeText, routeState));
    return groupRoutes(sortRoutes(shown, routeOrder), routeGrouping);
  }, [rows, routeText, routeState, routeOrder, routeGrouping]);
  const selected = rows.filter((row) => selection.has(row.status.id)).map((row) => row.status);
  const shownCount = groups.reduce((sum, group) => sum + group.rows.length, 0);
  const screen = useRef<HTMLDivElement>(null);
  useBlankFocus(screen, shownCount === 0);

  return (
    <div className="screen" ref={screen}>
      <div className="toolbar">
        {selected.length > 0 ? (
          <BulkBar routes={selected} />
        ) : (
          <>
            <Button look="primary" onPress={() => openSheet({ kind: "route", id: null })}>
              <Plus aria-hidden />
              New route
            </Button>
            <RouteFilters rows={rows} />
          </>
        )}
      </div>
      {shownCount > 0 ? (
        <RouteTable groups={groups} order={routeOrder} selection={selection} onCopyAddress={setAsked} />
      ) : (
        <NothingShown hasRoutes={rows.length > 0} />
      )}
      {asked && <AddressPopover key={asked.id} request={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

function NothingShown({ hasRoutes }: { readonly hasRoutes: boolean }) {
  if (!hasRoutes)
    return (
      <div className="blank">
        <h2>No routes yet</h2>
        <p className="soft">
          A route listens on a local address and carries what arrives there to a backend.
        </p>
        <Button look="primary" onPress={() => openSheet({ kind: "route", id: null })}>
          Add your first route
        </Button>
      </div>
    );
  return (
    <div className="blank">
      <p className="soft">No route matches the filter.</p>
      <Button onPress={() => useView.setState({ routeText: "", routeState: "all" })}>Show all routes</Button>
    </div>
  );
}
