import { Search } from "lucide-react";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { Button } from "../design/Button.tsx";
import { formatCount, formatRate } from "../design/format.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { useMirrored } from "../mirror/use-mirrored.ts";
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
  return (
    <header className="header">
      <div className="header-mark">
        <LoadNeedle />
        <span className="header-name">Shunt</span>
      </div>
      <h1 className="header-title">{screenTitles[screen]}</h1>
      <Meters />
      <Button look="quiet" onPress={() => useView.setState({ overlay: "palette" })}>
        <Search aria-hidden />
        <span className="visually-hidden">Commands</span>
        <span className="kbd">Ctrl K</span>
      </Button>
    </header>
  );
}

function LoadNeedle() {
  const bytesPerSecond = useMirror(({ link, routes }) => {
    const { toClient, toBackend } = totalsOf(routes);
    return link === "lost" ? 0 : toClient + toBackend;
  });
  return <Needle bytesPerSecond={bytesPerSecond} />;
}

function Meters() {
  const { open, toClient, toBackend } = useMirrored(({ routes }) => totalsOf(routes));
  const lost = useMirror(({ link }) => link === "lost");
  return (
    <dl className="meters" data-stale={lost}>
      <Meter label="Open" value={formatCount(open)} />
      <Meter label="To clients" sign="↓" value={formatRate(toClient)} flow="client" />
      <Meter label="To backends" sign="↑" value={formatRate(toBackend)} flow="backend" />
    </dl>
  );
}

function totalsOf(routes: readonly RouteStatus[]) {
  const total = { open: 0, toClient: 0, toBackend: 0 };
  for (const { connections, rate } of routes) {
    total.open += connections.open;
    total.toClient += rate.toClient;
    total.toBackend += rate.toBackend;
  }
  return total;
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
