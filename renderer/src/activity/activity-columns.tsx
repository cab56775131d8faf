/** What the activity shows of an entry. */
import type { ActivityEntry } from "../../../app/contract/activity.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { useConnections } from "../connections/use-connections.ts";
import { Button } from "../design/Button.tsx";
import { formatClock, formatCount } from "../design/format.ts";
import { StateMark } from "../design/StateMark.tsx";
import type { GridColumn } from "../design/GridRow.tsx";
import { RefusedTargetActions } from "../galvanometer/RefusedTargetActions.tsx";
import { showFailure } from "../view/toasts.ts";
import { severityConditions } from "./severity-conditions.ts";

export function activityColumns(now: Date): readonly GridColumn<ActivityEntry>[] {
  return [
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
      cell: ({ route, pool, backend, tunnel }) => {
        const about = route ?? pool ?? backend ?? tunnel;
        return about === undefined ? <span className="faint">–</span> : <span title={about}>{about}</span>;
      },
    },
    {
      name: "message",
      title: "What happened",
      cell: (entry, current) => <WhatHappened entry={entry} tabbable={current} />,
    },
  ];
}

function WhatHappened({ entry, tabbable }: { readonly entry: ActivityEntry; readonly tabbable: boolean }) {
  const { event, connection, message, count, code, backend, target } = entry;
  return (
    <>
      {message}
      {event === "role-exceeded" && connection !== undefined && (
        <CloseIt id={connection} tabbable={tabbable} />
      )}
      {count !== undefined && count > 1 && (
        <span className="tag" title="So many like it, folded into one">
          × {formatCount(count)}
        </span>
      )}
      {code && <code className="faint"> {code}</code>}
      {target && backend !== undefined && (
        <RefusedTargetActions backend={backend} target={target} tabbable={tabbable} />
      )}
    </>
  );
}

/** Closes the connection that an entry warns of, for as long as it is open. */
function CloseIt({ id, tabbable }: { readonly id: string; readonly tabbable: boolean }) {
  const bridge = useBridge();
  const connections = useConnections();
  const isOpen = connections?.some((row) => row.id === id) ?? false;
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
