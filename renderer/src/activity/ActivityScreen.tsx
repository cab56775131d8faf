import { Download, Pause, Play } from "lucide-react";
import { useMemo, useState } from "react";
import type { ActivityEntry } from "../../../app/contract/activity.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { Segments, SelectField } from "../design/Field.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { formatClock, formatCount, formatZone, plural } from "../design/format.ts";
import { StateMark } from "../design/StateMark.tsx";
import { useNow } from "../design/use-now.ts";
import { type GridColumn, VirtualGrid } from "../design/VirtualGrid.tsx";
import { RefusedTargetActions } from "../galvanometer/RefusedTargetActions.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { showFailure } from "../view/toasts.ts";
import { showActivity, useView } from "../view/view-store.ts";
import { filterActivity } from "./activity-rows.ts";
import { saveActivity } from "./save-activity.ts";
import { severityConditions } from "./severity-conditions.ts";

const rowHeight = 28;
const all = ":all";

/** Closes the connection that an entry warns of, for as long as it is open. */
function CloseIt({ id, tabbable }: { readonly id: string; readonly tabbable: boolean }) {
  const bridge = useBridge();
  const isOpen = useMirror(({ connections }) => connections.some((row) => row.id === id));
  if (!isOpen) return null;
  const close = async (): Promise<void> => {
    const reply = await bridge.call("connection.close", { id });
    if (!reply.ok && reply.failure.code !== "NOT_FOUND") showFailure(reply.failure);
  };
  return (
    <>
      {" "}
      <Button size="small" excludeFromTabOrder={!tabbable} onPress={() => void close()}>
        Close its connection
      </Button>
    </>
  );
}

/** What happened, newest first. */
export function ActivityScreen() {
  const bridge = useBridge();
  const live = useMirror((mirror) => mirror.activity);
  const routes = useMirror((mirror) => mirror.routes);
  const { activitySeverity, activityRoute, activityText } = useView();
  const [paused, setPaused] = useState<readonly ActivityEntry[] | null>(null);
  const now = new Date(useNow(60_000));
  const log = paused ?? live;
  const shown = useMemo(
    () => filterActivity(log, { severity: activitySeverity, route: activityRoute, text: activityText }),
    [log, activitySeverity, activityRoute, activityText],
  );
  const newer = paused ? live.filter((entry) => entry.sequence > (paused.at(-1)?.sequence ?? 0)).length : 0;
  const routeIds = [
    ...new Set([...routes.map((route) => route.id), ...(activityRoute ? [activityRoute] : [])]),
  ];
  const columns: readonly GridColumn<ActivityEntry>[] = [
    {
      name: "time",
      title: "Time",
      cell: (entry) => (
        <time dateTime={entry.time} title={entry.time}>
          {formatClock(entry.time, now)}
        </time>
      ),
    },
    {
      name: "severity",
      title: "Severity",
      cell: ({ severity }) => (
        <span className="state-word" data-tone={severityConditions[severity].tone}>
          <StateMark condition={severityConditions[severity]} />
          {severityConditions[severity].word}
        </span>
      ),
    },
    {
      name: "about",
      title: "About",
      cell: ({ route, backend, tunnel }) => {
        const about = route ?? backend ?? tunnel;
        return about === undefined ? <span className="faint">–</span> : <span title={about}>{about}</span>;
      },
    },
    {
      name: "message",
      title: "What happened",
      cell: ({ event, connection, message, count, code, backend, target }, current) => (
        <>
          {message}
          {event === "role-exceeded" && connection !== undefined && (
            <CloseIt id={connection} tabbable={current} />
          )}
          {count !== undefined && count > 1 && (
            <span className="tag" title="So many like it, folded into one">
              × {formatCount(count)}
            </span>
          )}
          {code && <code className="faint"> {code}</code>}
          {target && backend !== undefined && (
            <RefusedTargetActions backend={backend} target={target} tabbable={current} />
          )}
        </>
      ),
    },
  ];
  return (
    <div className="screen">
      <div className="toolbar">
        <FilterField
          label="Filter activity"
          value={activityText}
          onChange={(text) => useView.setState({ activityText: text })}
        />
        <Segments
          label="Severity"
          value={activitySeverity}
          onChange={(severity) => useView.setState({ activitySeverity: severity })}
          options={[
            { id: "all", label: "All" },
            { id: "warning", label: "Warnings and errors" },
            { id: "error", label: "Errors" },
          ]}
        />
        <div className="toolbar-select">
          <SelectField
            label="Route"
            hideLabel
            name="route"
            value={activityRoute ?? all}
            onChange={(id) => useView.setState({ activityRoute: id === all ? null : id })}
            sections={[
              { options: [{ id: all, label: "All routes" }] },
              { title: "Routes", options: routeIds.map((id) => ({ id, label: id })) },
            ]}
          />
        </div>
        <Button onPress={() => setPaused(paused ? null : live)} aria-pressed={paused !== null}>
          {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          {paused ? `Resume${newer > 0 ? ` (${formatCount(newer)} new)` : ""}` : "Pause"}
        </Button>
        <Button isDisabled={shown.length === 0} onPress={() => void saveActivity(bridge, shown)}>
          <Download aria-hidden />
          Save…
        </Button>
        <span className="soft">
          {plural(shown.length, "entry", "entries")}, times in {formatZone(now)}
        </span>
      </div>
      {shown.length > 0 ? (
        <VirtualGrid
          label="Activity, newest first"
          className="activity"
          rows={shown}
          keyOf={(entry) => String(entry.sequence)}
          columns={columns}
          rowHeight={rowHeight}
          dataOf={(entry) => ({ "data-severity": entry.severity })}
        />
      ) : (
        <div className="blank">
          <p className="soft">
            {log.length === 0 ? "Nothing has happened yet." : "No entry matches the filter."}
          </p>
          {log.length > 0 && <Button onPress={() => showActivity(null)}>Show all entries</Button>}
        </div>
      )}
    </div>
  );
}
