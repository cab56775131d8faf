import { useMemo } from "react";
import { severityConditions } from "../activity/severity-conditions.ts";
import { Button } from "../design/Button.tsx";
import { formatClock } from "../design/format.ts";
import { StateMark } from "../design/StateMark.tsx";
import { useNow } from "../design/use-now.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { showActivity } from "../view/view-store.ts";

const shownAtMost = 8;

/** The latest of what happened to one route. */
export function RouteActivity({ id }: { readonly id: string }) {
  const log = useMirror((mirror) => mirror.activity);
  const now = new Date(useNow(60_000));
  const entries = useMemo(
    () =>
      log
        .filter((entry) => entry.route === id)
        .slice(-shownAtMost)
        .reverse(),
    [log, id],
  );
  return (
    <section aria-labelledby="activity-title">
      <h2 id="activity-title">
        Activity{" "}
        <Button look="link" onPress={() => showActivity({ kind: "route", id })}>
          Show all
        </Button>
      </h2>
      {entries.length === 0 && <p className="soft">Nothing has happened to this route.</p>}
      <ol className="route-activity">
        {entries.map((entry) => (
          <li key={entry.sequence}>
            <time dateTime={entry.time} className="soft">
              {formatClock(entry.time, now)}
            </time>
            <StateMark
              condition={severityConditions[entry.severity]}
              label={severityConditions[entry.severity].word}
            />
            <span>{entry.message}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
