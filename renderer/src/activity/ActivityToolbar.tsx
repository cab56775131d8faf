/** What of the activity is shown, and what can be done with it. */
import { Download, Pause, Play } from "lucide-react";
import type { ActivityEntry } from "../../../app/contract/activity.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { Segments, SelectField } from "../design/Field.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { formatCount, formatZone, plural } from "../design/format.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { useView } from "../view/view-store.ts";
import { saveActivity } from "./save-activity.ts";

const all = ":all";

export interface ActivityToolbarProps {
  readonly shown: readonly ActivityEntry[];
  readonly isPaused: boolean;
  /** Entries that came since. */
  readonly newer: number;
  readonly onPause: () => void;
  readonly now: Date;
}

export function ActivityToolbar({ shown, isPaused, newer, onPause, now }: ActivityToolbarProps) {
  const bridge = useBridge();
  const { activitySeverity, activityText } = useView();
  return (
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
      <RouteFilter />
      <Button onPress={onPause} aria-pressed={isPaused}>
        {isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
        {isPaused ? `Resume${newer > 0 ? ` (${formatCount(newer)} new)` : ""}` : "Pause"}
      </Button>
      <Button isDisabled={shown.length === 0} onPress={() => void saveActivity(bridge, shown)}>
        <Download aria-hidden />
        Save…
      </Button>
      <span className="soft">
        {plural(shown.length, "entry", "entries")}, times in {formatZone(now)}
      </span>
    </div>
  );
}

function RouteFilter() {
  const routes = useMirror((mirror) => mirror.routes);
  const { activityRoute } = useView();
  const routeIds = [
    ...new Set([...routes.map((route) => route.id), ...(activityRoute ? [activityRoute] : [])]),
  ];
  return (
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
  );
}
