import { useMemo, useState } from "react";
import type { ActivityEntry } from "../../../app/contract/activity.ts";
import { Button } from "../design/Button.tsx";
import { useNow } from "../design/use-now.ts";
import { VirtualGrid } from "../design/VirtualGrid.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { showActivity, useView } from "../view/view-store.ts";
import { ActivityToolbar } from "./ActivityToolbar.tsx";
import { activityColumns } from "./activity-columns.tsx";
import { filterActivity } from "./activity-rows.ts";

const rowHeight = 28;
const keyOf = ({ sequence }: ActivityEntry): string => String(sequence);
const dataOf = ({ severity }: ActivityEntry) => ({ "data-severity": severity });

/** What happened, newest first. */
export function ActivityScreen() {
  const live = useMirror((mirror) => mirror.activity);
  const { activitySeverity, activityOf, activityText } = useView();
  const [paused, setPaused] = useState<readonly ActivityEntry[] | null>(null);
  const nowMs = useNow(60_000);
  const now = useMemo(() => new Date(nowMs), [nowMs]);
  const columns = useMemo(() => activityColumns(now), [now]);
  const log = paused ?? live;
  const shown = useMemo(
    () => filterActivity(log, { severity: activitySeverity, about: activityOf, text: activityText }),
    [log, activitySeverity, activityOf, activityText],
  );
  const newer = paused ? live.filter((entry) => entry.sequence > (paused.at(-1)?.sequence ?? 0)).length : 0;
  return (
    <div className="screen">
      <ActivityToolbar
        shown={shown}
        isPaused={paused !== null}
        newer={newer}
        onPause={() => setPaused(paused ? null : live)}
        now={now}
      />
      {shown.length > 0 ? (
        <VirtualGrid
          label="Activity, newest first"
          className="activity"
          rows={shown}
          keyOf={keyOf}
          columns={columns}
          rowHeight={rowHeight}
          dataOf={dataOf}
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
