import { ArrowLeft, Bell, BellOff, Copy, Gauge, Pencil, RefreshCw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { RouteConfig } from "../../../app/contract/config.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button, IconButton } from "../design/Button.tsx";
import { plural } from "../design/format.ts";
import { StateMark, StateWord } from "../design/StateMark.tsx";
import { openGalvanometer } from "../galvanometer/open-galvanometer.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { AddressPopover, type AddressRequest } from "../routes/AddressPopover.tsx";
import { muteRoute, restartRoute, startRoutes, stopRoutes } from "../routes/route-actions.ts";
import { healthCondition, isRunning, routeCondition } from "../routes/route-condition.ts";
import type { RouteLook } from "../routes/route-look.ts";
import { routeNames, routeShape } from "../routes/route-rows.ts";
import { RouteDraining } from "../routes/RouteDraining.tsx";
import { RouteSessionListen } from "../routes/RouteSessionListen.tsx";
import { RouteTrouble } from "../routes/RouteTrouble.tsx";
import { useIsMuted } from "../settings/shell-settings.ts";
import { TagChips } from "../tags/TagChips.tsx";
import { openSheet, showRoute, useView } from "../view/view-store.ts";
import { DetailFigures } from "./DetailFigures.tsx";
import { HourGraph } from "./HourGraph.tsx";
import { LiveConnections } from "./LiveConnections.tsx";
import { RouteActivity } from "./RouteActivity.tsx";
import { useRouteHour } from "./use-route-hour.ts";

interface RouteDetailProps {
  readonly look: RouteLook;
  readonly config: RouteConfig | null;
}

/** One route: what it is, its last hour, who is connected and why there, and what happened to it. */
export function RouteDetail({ look, config }: RouteDetailProps) {
  const { id } = look;
  const fetched = useRouteHour(id);
  const condition = routeCondition(look);
  return (
    <div className="screen route-detail">
      <RouteHeading look={look} config={config} />
      <div className="screen-scroll route-detail-body">
        {look.state === "draining" && (
          <div className="route-detail-trouble" data-tone="busy">
            <RouteDraining id={id} left={look.connections.open} tabbable />
          </div>
        )}
        {look.sessionListen && (
          <div className="route-detail-trouble" data-tone="warn">
            <RouteSessionListen id={id} listen={look.listen} instead={look.sessionListen} tabbable />
          </div>
        )}
        {condition.trouble && (
          <div className="route-detail-trouble" data-tone={condition.tone}>
            <RouteTrouble status={look} tabbable />
          </div>
        )}
        <DetailFigures look={look} clients={config?.clients ?? "mixed"} />
        <section aria-labelledby="hour-title">
          <h2 id="hour-title">Last hour</h2>
          {fetched && fetched.hour.open.length > 1 ? (
            <HourGraph key={id} fetched={fetched} />
          ) : (
            <p className="soft">
              {fetched ? "Nothing to draw yet: a point is added every 15 seconds." : "Asking…"}
            </p>
          )}
        </section>
        <LiveConnections id={id} isRunning={isRunning(look.state)} />
        <RouteActivity id={id} />
      </div>
    </div>
  );
}

function RouteHeading({ look, config }: RouteDetailProps) {
  const bridge = useBridge();
  const { id, state, target } = look;
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
      <StateWord condition={routeCondition(look)} />
      <span className="route-detail-way" ref={anchor}>
        <span className="mono">{look.listen}</span>
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
          condition={healthCondition(look.targetHealth)}
          label={`target: ${healthCondition(look.targetHealth).word}`}
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
