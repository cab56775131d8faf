/** What of the activity is shown, and what can be done with it. */
import { Download, Pause, Play } from "lucide-react";
import { memo, useMemo } from "react";
import type { ActivityEntry } from "../../../app/contract/activity.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { Segments } from "../design/Field.tsx";
import { FilterField } from "../design/FilterField.tsx";
import { formatCount, formatZone, plural } from "../design/format.ts";
import { SubjectSelect } from "../subjects/SubjectSelect.tsx";
import { useIds } from "../subjects/use-ids.ts";
import { useView } from "../view/view-store.ts";
import { saveActivity } from "./save-activity.ts";

interface ActivityToolbarProps {
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
      <AboutFilter />
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

/** What about. */
const AboutFilter = memo(function AboutFilter() {
  const routes = useIds("routes");
  const pools = useIds("pools");
  const backends = useIds("backends");
  const tunnels = useIds("tunnels");
  const value = useView((view) => view.activityOf);
  const groups = useMemo(
    () => [
      { kind: "route", options: routes.map((id) => ({ id })) } as const,
      { kind: "pool", options: pools.map((id) => ({ id })) } as const,
      { kind: "backend", options: backends.map((id) => ({ id })) } as const,
      { kind: "tunnel", options: tunnels.map((id) => ({ id })) } as const,
    ],
    [routes, pools, backends, tunnels],
  );
  return (
    <SubjectSelect
      all="Everything"
      value={value}
      groups={groups}
      onChange={(activityOf) => useView.setState({ activityOf })}
    />
  );
});
