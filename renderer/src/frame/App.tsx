import { ActivityScreen } from "../activity/ActivityScreen.tsx";
import { BackendSheet } from "../backends/BackendSheet.tsx";
import { BackendsScreen } from "../backends/BackendsScreen.tsx";
import { ExaminationSheet } from "../backends/ExaminationSheet.tsx";
import { ConditionsSheet } from "../conditions/ConditionsSheet.tsx";
import { ConnectionsScreen } from "../connections/ConnectionsScreen.tsx";
import { ExportScreen } from "../export/ExportScreen.tsx";
import { FirstRun } from "../first-run/FirstRun.tsx";
import { GalvanometerSheet } from "../galvanometer/GalvanometerSheet.tsx";
import { ImportSheet } from "../import/ImportSheet.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { PoolSheet } from "../pools/PoolSheet.tsx";
import { PoolsScreen } from "../pools/PoolsScreen.tsx";
import { RouteSheet } from "../route-sheet/RouteSheet.tsx";
import { RoutesScreen } from "../routes/RoutesScreen.tsx";
import { SandboxBanner } from "../sandbox/SandboxBanner.tsx";
import { SandboxScreen } from "../sandbox/SandboxScreen.tsx";
import { SettingsScreen } from "../settings/SettingsScreen.tsx";
import { TunnelsScreen } from "../tunnels/TunnelsScreen.tsx";
import { TunnelSheet } from "../tunnels/TunnelSheet.tsx";
import { type Screen, useView } from "../view/view-store.ts";
import { Announcer } from "./Announcer.tsx";
import { CommandPalette } from "./CommandPalette.tsx";
import { EndingDialog } from "./EndingDialog.tsx";
import { Header } from "./Header.tsx";
import { LoadingScreen } from "./LoadingScreen.tsx";
import { NavRail } from "./NavRail.tsx";
import { ShortcutsDialog } from "./ShortcutsDialog.tsx";
import { StatusStrip } from "./StatusStrip.tsx";
import { Toasts } from "./Toasts.tsx";
import { useJointAges } from "./use-joint-ages.ts";
import { useShellWishes } from "./use-shell-wishes.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import { useTitle } from "./use-title.ts";

const screens: Readonly<Record<Screen, () => React.ReactNode>> = {
  routes: RoutesScreen,
  backends: BackendsScreen,
  pools: PoolsScreen,
  tunnels: TunnelsScreen,
  connections: ConnectionsScreen,
  activity: ActivityScreen,
  export: ExportScreen,
  sandbox: SandboxScreen,
  settings: SettingsScreen,
};

/** The whole window. */
export function App() {
  useShortcuts();
  useShellWishes();
  useTitle();
  useJointAges();
  const ready = useMirror((mirror) => mirror.ready);
  const nothingYet = useMirror(
    ({ saved }) => saved?.config.backends.length === 0 && saved.config.routes.length === 0,
  );
  const screen = useView((view) => view.screen);
  const Screen = nothingYet && (screen === "routes" || screen === "backends") ? FirstRun : screens[screen];
  return (
    <div className="app">
      <Header />
      <NavRail />
      <main className="app-main" id="main">
        <SandboxBanner />
        {ready ? <Screen /> : <LoadingScreen />}
      </main>
      <StatusStrip />
      <OpenSheet />
      <EndingDialog />
      <CommandPalette />
      <ShortcutsDialog />
      <Toasts />
      <Announcer />
    </div>
  );
}

/** The sheet is made anew for each thing that it edits: its draft begins there and ends with it. */
function OpenSheet() {
  const sheet = useView((view) => view.sheet);
  const ready = useMirror((mirror) => mirror.ready);
  if (!sheet || !ready) return null;
  switch (sheet.kind) {
    case "route":
      return <RouteSheet key={`${sheet.id} ${sheet.like}`} id={sheet.id} like={sheet.like ?? null} />;
    case "backend":
      return (
        <BackendSheet
          key={`${sheet.id} ${sheet.like} ${sheet.preset?.id}`}
          id={sheet.id}
          like={sheet.like ?? null}
          preset={sheet.preset ?? null}
        />
      );
    case "galvanometer":
      return <GalvanometerSheet opening={sheet.opening} />;
    case "pool":
      return <PoolSheet key={`${sheet.id} ${sheet.like}`} id={sheet.id} like={sheet.like ?? null} />;
    case "tunnel":
      return <TunnelSheet key={sheet.id} id={sheet.id} />;
    case "examination":
      return <ExaminationSheet key={sheet.id} id={sheet.id} />;
    case "conditions":
      return <ConditionsSheet key={sheet.id} id={sheet.id} />;
    case "import":
      return <ImportSheet from={sheet.from ?? "json"} />;
  }
}
