import {
  Activity,
  Cable,
  FileOutput,
  FlaskConical,
  Group,
  Route,
  Server,
  Settings,
  Waypoints,
} from "lucide-react";
import { formatCount } from "../design/format.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { countTrouble } from "../routes/route-condition.ts";
import { tunnelCondition } from "../tunnels/tunnel-condition.ts";
import { type Screen, showConnections, showScreen, useView } from "../view/view-store.ts";

interface NavItem {
  readonly screen: Screen;
  readonly label: string;
  readonly icon: React.ReactNode;
  readonly count?: number;
  readonly trouble?: number;
}

/** The screens, each with how much there is and how much of it is in trouble. */
export function NavRail() {
  const routes = useMirror((mirror) => mirror.routes);
  const backends = useMirror((mirror) => mirror.backends);
  const pools = useMirror((mirror) => mirror.pools);
  const tunnels = useMirror((mirror) => mirror.tunnels);
  const connections = useMirror((mirror) => mirror.connections.length);
  const sandbox = useMirror((mirror) => mirror.sandbox?.running ?? false);
  const current = useView((view) => view.screen);
  const ailing = backends.filter(({ health }) => health === "down" || health === "degraded").length;
  const items: readonly NavItem[] = [
    {
      screen: "routes",
      label: "Routes",
      icon: <Waypoints />,
      count: routes.length,
      trouble: countTrouble(routes),
    },
    { screen: "backends", label: "Backends", icon: <Server />, count: backends.length, trouble: ailing },
    {
      screen: "pools",
      label: "Pools",
      icon: <Group />,
      count: pools.length,
      trouble: pools.filter(({ held }) => held !== null).length,
    },
    {
      screen: "tunnels",
      label: "Tunnels",
      icon: <Route />,
      count: tunnels.length,
      trouble: tunnels.filter((tunnel) => tunnelCondition(tunnel).trouble).length,
    },
    { screen: "connections", label: "Connections", icon: <Cable />, count: connections },
    { screen: "activity", label: "Activity", icon: <Activity /> },
    { screen: "export", label: "Export", icon: <FileOutput /> },
    { screen: "settings", label: "Settings", icon: <Settings /> },
    ...(sandbox || current === "sandbox"
      ? [{ screen: "sandbox", label: "Sandbox", icon: <FlaskConical /> } as const]
      : []),
  ];
  return (
    <nav className="rail" aria-label="Screens">
      <ul>
        {items.map((item) => (
          <li key={item.screen}>
            <RailButton item={item} current={item.screen === current} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function RailButton({ item, current }: { readonly item: NavItem; readonly current: boolean }) {
  const { screen, label, icon, count, trouble } = item;
  // Beside a large number in trouble there is no room for how many there are; the screen itself says that.
  const fits = !trouble || `${trouble}${count}`.length <= 4;
  const open = (): void => (screen === "connections" ? showConnections(null) : showScreen(screen));
  return (
    <button
      type="button"
      className="rail-item"
      title={label}
      onClick={open}
      {...(current && { "aria-current": "page" as const })}
    >
      {icon}
      <span className="rail-label">{label}</span>
      {trouble !== undefined && trouble > 0 && (
        <span className="rail-trouble">
          <span aria-hidden>▲ {formatCount(trouble)}</span>
          <span className="visually-hidden">{trouble} in trouble</span>
        </span>
      )}
      {count !== undefined && fits && <span className="rail-count">{formatCount(count)}</span>}
    </button>
  );
}
