import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { Theme } from "../../../app/contract/bridge.ts";
import type { BackendConfig } from "../../../app/contract/config.ts";
import type { ExportFormat } from "../../../app/contract/export.ts";
import type { GalvanometerOpening } from "../../../app/contract/galvanometer.ts";
import type { ImportRequest } from "../../../app/contract/import.ts";
import type { Severity } from "../../../app/contract/activity.ts";
import type { Subject } from "../subjects/subject.ts";
import type { RouteGrouping, RouteOrder, RouteSortKey, StateFilter } from "../routes/route-rows.ts";

export type Screen =
  | "routes"
  | "backends"
  | "pools"
  | "tunnels"
  | "connections"
  | "activity"
  | "export"
  | "sandbox"
  | "settings";

/** What is open in the side sheet; `id` null means a new one, `like` names the one it starts as a copy of. */
type Sheet =
  | { readonly kind: "route"; readonly id: string | null; readonly like?: string }
  | {
      readonly kind: "backend";
      readonly id: string | null;
      readonly like?: string;
      /** What a new one begins as. */
      readonly preset?: BackendConfig;
    }
  | { readonly kind: "galvanometer"; readonly opening: GalvanometerOpening }
  | { readonly kind: "pool"; readonly id: string | null; readonly like?: string }
  | { readonly kind: "tunnel"; readonly id: string | null }
  | { readonly kind: "examination"; readonly id: string }
  | { readonly kind: "conditions"; readonly id: string }
  | { readonly kind: "import"; readonly from?: ImportRequest["source"] };

/** A question about live connections: what happens to them is the operator's choice. */
interface EndingQuestion {
  readonly title: string;
  readonly openConnections: number;
  /** How many of them are on routes of publishers, who may lose what they have not been acknowledged. */
  readonly ofPublishers: number;
  /** New connections are taken all the same. */
  readonly listensAgain: boolean;
  readonly onChoose: (graceMs: number) => void;
}

interface View {
  readonly screen: Screen;
  readonly sheet: Sheet | null;
  readonly question: EndingQuestion | null;
  readonly overlay: "palette" | "shortcuts" | null;
  /** The route whose details fill the routes' screen; null shows all routes. */
  readonly routeShown: string | null;
  /** The route whose details were left last: its row has the focus again. */
  readonly routeLeft: string | null;
  /** The pool that somebody came for: its card has the focus. */
  readonly poolShown: string | null;
  readonly routeText: string;
  readonly routeState: StateFilter;
  readonly selection: ReadonlySet<string>;
  /** The route or backend whose connections are listed; null lists all. */
  readonly connectionsOf: Subject | null;
  readonly connectionText: string;
  readonly activityText: string;
  readonly activityOf: Subject | null;
  readonly activitySeverity: Severity | "all";
  readonly exportFormat: ExportFormat;
  readonly exportHost: string;
  readonly exportAnnotated: boolean;
  /** Kept from run to run. */
  readonly routeOrder: RouteOrder | null;
  readonly routeGrouping: RouteGrouping;
  readonly singleKeys: boolean;
  /** In a browser; on a desktop the shell keeps it. */
  readonly theme: Theme;
}

const storage = "shunt-view";

/** What the operator looks at: never what the engine says. */
export const useView = create<View>()(
  persist<View, [], [], Pick<View, "routeOrder" | "routeGrouping" | "singleKeys" | "theme">>(
    () => ({
      screen: "routes",
      sheet: null,
      question: null,
      overlay: null,
      routeShown: null,
      routeLeft: null,
      poolShown: null,
      routeText: "",
      routeState: "all",
      selection: new Set(),
      connectionsOf: null,
      connectionText: "",
      activityText: "",
      activityOf: null,
      activitySeverity: "all",
      exportFormat: "nginx",
      exportHost: "",
      exportAnnotated: false,
      routeOrder: null,
      routeGrouping: "none",
      singleKeys: true,
      theme: "system",
    }),
    {
      name: storage,
      version: 1,
      partialize: ({ routeOrder, routeGrouping, singleKeys, theme }) => ({
        routeOrder,
        routeGrouping,
        singleKeys,
        theme,
      }),
    },
  ),
);

export function showScreen(screen: Screen): void {
  useView.setState({ screen, routeShown: null, routeLeft: null, poolShown: null });
}

export function showPool(id: string): void {
  showScreen("pools");
  useView.setState({ poolShown: id });
}

/** The details of one route, or all routes again. */
export function showRoute(id: string | null): void {
  useView.setState(({ routeShown }) => ({
    screen: "routes",
    routeShown: id,
    routeLeft: id === null ? routeShown : null,
  }));
}

export function openSheet(sheet: Sheet): void {
  useView.setState({ sheet, overlay: null });
}

export function closeSheet(): void {
  useView.setState({ sheet: null });
}

/** Lists the connections of one route or backend, or all. */
export function showConnections(of: Subject | null): void {
  useView.setState({ screen: "connections", connectionsOf: of, connectionText: "" });
}

/** Lists what happened to one thing, or to everything, all of it. */
export function showActivity(of: Subject | null): void {
  useView.setState({
    screen: "activity",
    activityOf: of,
    activityText: "",
    activitySeverity: "all",
  });
}

const figures: ReadonlySet<RouteSortKey> = new Set(["open", "toClient", "toBackend", "since", "total"]);

/** Sorts by a column; again turns the order round; a third time goes back to the engine's order. */
export function sortRoutesBy(key: RouteSortKey): void {
  const { routeOrder } = useView.getState();
  // Figures are most wanted largest first.
  const first = figures.has(key);
  if (routeOrder?.key !== key) useView.setState({ routeOrder: { key, descending: first } });
  else if (routeOrder.descending === first) useView.setState({ routeOrder: { key, descending: !first } });
  else useView.setState({ routeOrder: null });
}

export function selectRoute(id: string, selected: boolean): void {
  const selection = new Set(useView.getState().selection);
  if (selected) selection.add(id);
  else selection.delete(id);
  useView.setState({ selection });
}

export function selectRoutes(ids: Iterable<string>): void {
  useView.setState({ selection: new Set(ids) });
}
