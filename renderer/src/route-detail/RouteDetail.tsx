import { ArrowLeft, Bell, BellOff, Copy, Gauge, Pencil, RefreshCw } from "lucide-react";
import { type CSSProperties, useEffect, useMemo, useRef, useState } from "react";
import type { RouteConfig } from "../../../app/contract/config.ts";
import type { RouteStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { ConnectionTable } from "../connections/ConnectionTable.tsx";
import { Button, IconButton } from "../design/Button.tsx";
import { formatBytes, formatCount, formatRate, plural } from "../design/format.ts";
import { StateMark, StateWord } from "../design/StateMark.tsx";
import { openGalvanometer } from "../galvanometer/open-galvanometer.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { AddressPopover, type AddressRequest } from "../routes/AddressPopover.tsx";
import { muteRoute, restartRoute, startRoutes, stopRoutes } from "../routes/route-actions.ts";
import { healthCondition, isRunning, routeCondition } from "../routes/route-condition.ts";
import { routeNames, routeShape } from "../routes/route-rows.ts";
import { RouteDraining } from "../routes/RouteDraining.tsx";
import { RouteSessionListen } from "../routes/RouteSessionListen.tsx";
import { StateAge, TroubleAge } from "../routes/RouteSince.tsx";
import { RouteTrouble } from "../routes/RouteTrouble.tsx";
import { useIsMuted } from "../settings/shell-settings.ts";
import { TagChips } from "../tags/TagChips.tsx";
import { openSheet, showRoute, useView } from "../view/view-store.ts";
import { HourGraph } from "./HourGraph.tsx";
import { RouteActivity } from "./RouteActivity.tsx";
import { useRouteHour } from "./use-route-hour.ts";

interface RouteDetailProps {
  readonly status: RouteStatus;
  readonly config: RouteConfig | null;
}

/** One route: what it is, its last hour, who is connected and why there, and what happened to it. */
export function RouteDetail({ status, config }: RouteDetailProps) {
  const all = useMirror((mirror) => mirror.connections);
  const connections = useMemo(() => all.filter(({ route }) => route === status.id), [all, status.id]);
  const fetched = useRouteHour(status.id);
  const condition = routeCondition(status);
  return (
    <div className="screen route-detail">
      <RouteHeading status={status} config={config} />
      <div className="screen-scroll route-detail-body">
        {status.state === "draining" && (
          <div className="route-detail-trouble" data-tone="busy">
            <RouteDraining id={status.id} left={status.connections.open} tabbable />
          </div>
        )}
        {status.sessionListen && (
          <div className="route-detail-trouble" data-tone="warn">
            <RouteSessionListen
              id={status.id}
              listen={status.listen}
              instead={status.sessionListen}
              tabbable
            />
          </div>
        )}
        {condition.trouble && (
          <div className="route-detail-trouble" data-tone={condition.tone}>
            <RouteTrouble status={status} tabbable />
          </div>
        )}
        <RouteFigures status={status} />
        <section aria-labelledby="hour-title">
          <h2 id="hour-title">Last hour</h2>
          {fetched && fetched.hour.open.length > 1 ? (
            <HourGraph key={status.id} fetched={fetched} />
          ) : (
            <p className="soft">
              {fetched ? "Nothing to draw yet: a point is added every 15 seconds." : "Asking…"}
            </p>
          )}
        </section>
        <section
          aria-labelledby="connections-title"
          className="route-detail-connections"
          style={{ "--rows": connections.length } as CSSProperties}
        >
          <h2 id="connections-title">
            Live connections <span className="soft">{formatCount(connections.length)}</span>
          </h2>
          {connections.length > 0 ? (
            <ConnectionTable label={`Connections of ${status.id}`} connections={connections} ofOneRoute />
          ) : (
            <p className="soft">
              {isRunning(status.state) ? "Nobody is connected." : "The route is stopped: nobody can connect."}
            </p>
          )}
        </section>
        <RouteActivity id={status.id} />
      </div>
    </div>
  );
}

function RouteHeading({ status, config }: RouteDetailProps) {
  const bridge = useBridge();
  const { id, state, target } = status;
  const anchor = useRef<HTMLSpanElement>(null);
  const name = useRef<HTMLHeadingElement>(null);
  // Whoever came by keyboard begins at the top, and a screen reader says which route this is.
  useEffect(() => name.current?.focus(), [id]);
  const [asked, setAsked] = useState<AddressRequest | null>(null);
  const hasGalvanometer = useMirror(({ saved }) =>
    saved?.config.backends.some((backend) => backend.id === target && backend.admin !== undefined),
  );
  const running = isRunning(state);
  const names = routeNames(config);
  return (
    <div className="toolbar route-detail-heading">
      <IconButton label="Back to all routes (Esc)" onPress={() => showRoute(null)}>
        <ArrowLeft />
      </IconButton>
      <h2 className="route-detail-name" ref={name} tabIndex={-1}>
        {id}
      </h2>
      <StateWord condition={routeCondition(status)} />
      <span className="route-detail-way" ref={anchor}>
        <span className="mono">{status.listen}</span>
        {names !== "" && <span className="soft">for {names}</span>}
        <IconButton
          label="Copy address"
          onPress={() => anchor.current && setAsked({ id, anchor: anchor.current })}
        >
          <Copy />
        </IconButton>
        <span className="route-arrow" aria-hidden>
          →
        </span>
        <StateMark
          condition={healthCondition(status.targetHealth)}
          label={`target: ${healthCondition(status.targetHealth).word}`}
        />
        <span>{target}</span>
        <span className="soft">{routeShape(config)}</span>
        {config?.tags && <TagChips tags={config.tags} />}
      </span>
      <span className="route-detail-actions">
        <MuteButton id={id} />
        {hasGalvanometer && (
          <Button onPress={() => void openGalvanometer(bridge, target)}>
            <Gauge aria-hidden />
            Galvanometer
          </Button>
        )}
        <Button onPress={() => openSheet({ kind: "route", id })}>
          <Pencil aria-hidden />
          Edit
        </Button>
        {running && state !== "failed" && (
          <Button onPress={() => restartRoute(bridge, id)}>
            <RefreshCw aria-hidden />
            Restart
          </Button>
        )}
        <Button onPress={() => (running ? stopRoutes(bridge, [id]) : void startRoutes(bridge, [id]))}>
          {running ? "Stop" : "Start"}
        </Button>
      </span>
      {asked && <AddressPopover request={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

/** Left out in a browser, which notifies of nothing. */
function MuteButton({ id }: { readonly id: string }) {
  const bridge = useBridge();
  const muted = useIsMuted(id);
  if (bridge.shell === null) return null;
  return (
    <Button onPress={() => muteRoute(bridge, id, !muted)}>
      {muted ? <BellOff aria-hidden /> : <Bell aria-hidden />}
      {muted ? "Muted: notify again" : "Mute"}
    </Button>
  );
}

function RouteFigures({ status }: { readonly status: RouteStatus }) {
  const { connections, rate, bytes } = status;
  const clients = useMirror(
    ({ saved }) => saved?.config.routes.find((route) => route.id === status.id)?.clients ?? "mixed",
  );
  return (
    <dl className="route-figures">
      <SinceFigure status={status} />
      <Figure label="Connections" value={formatCount(connections.open)} />
      <Figure label="Total so far" value={formatCount(connections.total)} />
      <Figure label="Refused" value={formatCount(connections.refused)} />
      <Figure label="↓ to clients" value={formatRate(rate.toClient)} note={formatBytes(bytes.toClient)} />
      <Figure label="↑ to backend" value={formatRate(rate.toBackend)} note={formatBytes(bytes.toBackend)} />
      <Figure label="Clients" value={clients.replaceAll("-", " ")} />
    </dl>
  );
}

function SinceFigure({ status }: { readonly status: RouteStatus }) {
  const { trouble, word } = routeCondition(status);
  return (
    <div className="route-figure">
      <dt>{word} for</dt>
      <dd>
        <StateAge since={status.since} />
        {!trouble && status.lastTrouble && <TroubleAge {...status.lastTrouble} />}
      </dd>
    </div>
  );
}

function Figure({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div className="route-figure">
      <dt>{label}</dt>
      <dd>
        {value}
        {note && <span className="soft route-figure-note"> {note}</span>}
      </dd>
    </div>
  );
}

/** What the screen says when its route is gone. */
export function RouteGone({ id }: { readonly id: string }) {
  const count = useMirror((mirror) => mirror.routes.length);
  return (
    <div className="screen blank">
      <h2>There is no route {id}</h2>
      <p className="soft">It was deleted or renamed.</p>
      <Button onPress={() => useView.setState({ routeShown: null })}>Show {plural(count, "route")}</Button>
    </div>
  );
}
