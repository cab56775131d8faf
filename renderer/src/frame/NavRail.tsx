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
import { memo } from "react";
import { formatShortCount } from "../design/format.ts";
import { type Mirror, useMirror } from "../mirror/mirror-store.ts";
import { useMirrored } from "../mirror/use-mirrored.ts";
import { countTrouble } from "../routes/route-condition.ts";
import { tunnelCondition } from "../tunnels/tunnel-condition.ts";
import { type Screen, showConnections, showScreen, useView } from "../view/view-store.ts";

interface NavItem {
  readonly screen: Screen;
  readonly label: string;
  readonly icon: React.ReactNode;
}

interface Count {
  readonly count?: number;
  readonly trouble?: number;
}

type Counts = Readonly<Partial<Record<Screen, Count>>>;

const items: readonly NavItem[] = [
  { screen: "routes", label: "Routes", icon: <Waypoints /> },
  { screen: "backends", label: "Backends", icon: <Server /> },
  { screen: "pools", label: "Pools", icon: <Group /> },
  { screen: "tunnels", label: "Tunnels", icon: <Route /> },
  { screen: "connections", label: "Connections", icon: <Cable /> },
  { screen: "activity", label: "Activity", icon: <Activity /> },
  { screen: "export", label: "Export", icon: <FileOutput /> },
  { screen: "settings", label: "Settings", icon: <Settings /> },
  { screen: "sandbox", label: "Sandbox", icon: <FlaskConical /> },
];

/** The screens, each with how much there is and how much of it is in trouble. */
export function NavRail() {
  const counts = useMirrored(countAll);
  const sandbox = useMirror((mirror) => mirror.sandbox?.running ?? false);
  const current = useView((view) => view.screen);
  const shown = items.filter(({ screen }) => screen !== "sandbox" || sandbox || current === "sandbox");
  return (
    <nav className="rail" aria-label="Screens">
      <ul>
        {shown.map((item) => (
          <li key={item.screen}>
            <RailButton {...item} {...counts[item.screen]} current={item.screen === current} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function countAll({ routes, backends, pools, tunnels, openConnections }: Mirror): Counts {
  return {
    routes: { count: routes.length, trouble: countTrouble(routes) },
    backends: {
      count: backends.length,
      trouble: backends.filter(({ health }) => health === "down" || health === "degraded").length,
    },
    pools: { count: pools.length, trouble: pools.filter(({ held }) => held !== null).length },
    tunnels: {
      count: tunnels.length,
      trouble: tunnels.filter((tunnel) => tunnelCondition(tunnel).trouble).length,
    },
    connections: { count: openConnections },
  };
}

interface RailButtonProps extends NavItem, Count {
  readonly current: boolean;
}

const RailButton = memo(function RailButton(props: RailButtonProps) {
  const { screen, label, icon, count, trouble, current } = props;
  // Beside a large number in trouble there is no room for how many there are; the screen itself says that.
  const fits = !trouble || `${formatShortCount(trouble)}${formatShortCount(count ?? 0)}`.length <= 4;
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
          <span aria-hidden>▲ {formatShortCount(trouble)}</span>
          <span className="visually-hidden">{trouble} in trouble</span>
        </span>
      )}
      {count !== undefined && fits && <span className="rail-count">{formatShortCount(count)}</span>}
    </button>
  );
});
