import { Search } from "lucide-react";
import { Button } from "../design/Button.tsx";
import { formatCount, formatRate } from "../design/format.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { useView } from "../view/view-store.ts";
import { Needle } from "./Needle.tsx";

const screenTitles = {
  routes: "Routes",
  backends: "Backends",
  pools: "Pools",
  tunnels: "Tunnels",
  connections: "Connections",
  activity: "Activity",
  export: "Export",
  sandbox: "Sandbox",
  settings: "Settings",
} as const;

/** The mark with its live needle, the screen's name, and the figures over all routes. */
export function Header() {
  const screen = useView((view) => view.screen);
  const routes = useMirror((mirror) => mirror.routes);
  const live = useMirror((mirror) => mirror.link !== "lost");
  const total = { open: 0, toClient: 0, toBackend: 0 };
  for (const { connections, rate } of routes) {
    total.open += connections.open;
    total.toClient += rate.toClient;
    total.toBackend += rate.toBackend;
  }
  return (
    <header className="header">
      <div className="header-mark">
        <Needle bytesPerSecond={live ? total.toClient + total.toBackend : 0} />
        <span className="header-name">Shunt</span>
      </div>
      <h1 className="header-title">{screenTitles[screen]}</h1>
      <dl className="meters" data-stale={!live}>
        <Meter label="Open" value={formatCount(total.open)} />
        <Meter label="To clients" sign="↓" value={formatRate(total.toClient)} flow="client" />
        <Meter label="To backends" sign="↑" value={formatRate(total.toBackend)} flow="backend" />
      </dl>
      <Button look="quiet" onPress={() => useView.setState({ overlay: "palette" })}>
        <Search aria-hidden />
        <span className="visually-hidden">Commands</span>
        <span className="kbd">Ctrl K</span>
      </Button>
    </header>
  );
}

function Meter({ label, value, sign, flow }: { label: string; value: string; sign?: string; flow?: string }) {
  return (
    <div className="meter" data-flow={flow}>
      <dt>{label}</dt>
      <dd>
        {sign && <span aria-hidden>{sign} </span>}
        {value}
      </dd>
    </div>
  );
}
