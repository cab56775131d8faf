import { useMemo, useRef, useState } from "react";
import { Plus } from "lucide-react";
import { Button } from "../design/Button.tsx";
import { useBlankFocus } from "../design/use-blank-focus.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { useMirrored } from "../mirror/use-mirrored.ts";
import { openSheet, useView } from "../view/view-store.ts";
import { RouteDetail, RouteGone } from "../route-detail/RouteDetail.tsx";
import { AddressPopover, type AddressRequest } from "./AddressPopover.tsx";
import { BulkBar } from "./BulkBar.tsx";
import { useRouteLook } from "./route-look.ts";
import { indexRoutes } from "./route-rows.ts";
import { RouteFilters } from "./RouteFilters.tsx";
import { RouteTable } from "./RouteTable.tsx";
import { shownRoutes } from "./shown-routes.ts";

/** Home: every route, or one of them in detail. */
export function RoutesScreen() {
  const id = useView((view) => view.routeShown);
  return id === null ? <AllRoutes /> : <OneRoute id={id} />;
}

function OneRoute({ id }: { readonly id: string }) {
  const look = useRouteLook(id);
  const config = useMirror((mirror) => mirror.saved?.config.routes.find((route) => route.id === id) ?? null);
  return look ? <RouteDetail look={look} config={config} /> : <RouteGone id={id} />;
}

/** Every route, its state, its target and its flow. */
function AllRoutes() {
  const config = useMirror((mirror) => mirror.saved?.config ?? null);
  const { routeText, routeState, routeOrder, routeGrouping, selection } = useView();
  const [asked, setAsked] = useState<AddressRequest | null>(null);
  const configured = useMemo(() => indexRoutes(config), [config]);
  const { groups, counts, selected } = useMirrored(({ routes }) =>
    shownRoutes(routes, { configured, routeText, routeState, routeOrder, routeGrouping, selection }),
  );
  const screen = useRef<HTMLDivElement>(null);
  useBlankFocus(screen, groups.length === 0);

  return (
    <div className="screen" ref={screen}>
      <div className="toolbar">
        {selected.running.length + selected.stopped.length > 0 ? (
          <BulkBar {...selected} />
        ) : (
          <>
            <Button look="primary" onPress={() => openSheet({ kind: "route", id: null })}>
              <Plus aria-hidden />
              New route
            </Button>
            <RouteFilters counts={counts} />
          </>
        )}
      </div>
      {groups.length > 0 ? (
        <RouteTable
          groups={groups}
          configured={configured}
          order={routeOrder}
          selection={selection}
          onCopyAddress={setAsked}
        />
      ) : (
        <NothingShown hasRoutes={counts.all > 0} />
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
