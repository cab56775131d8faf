import { Cable, CircleOff, CopyPlus, Gauge, Pencil, ScrollText, Trash2 } from "lucide-react";
import { memo } from "react";
import type { BackendConfig } from "../../../app/contract/config.ts";
import type { BackendStatus, EndpointStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button } from "../design/Button.tsx";
import { formatClock, formatLatency } from "../design/format.ts";
import { actOnRow, openRowMenu } from "../design/row-keys.ts";
import { RowMenu } from "../design/RowMenu.tsx";
import { StateMark, StateWord } from "../design/StateMark.tsx";
import { healthCondition } from "../routes/route-condition.ts";
import { openGalvanometer } from "../galvanometer/open-galvanometer.ts";
import { useMirroredRow } from "../mirror/use-mirrored.ts";
import { TagChips } from "../tags/TagChips.tsx";
import { openSheet, showActivity, showConnections } from "../view/view-store.ts";
import { deleteTarget, drainBackend } from "./backend-actions.ts";
import { BackendFigures } from "./BackendFigures.tsx";

interface BackendRowProps {
  readonly id: string;
  /** Null while it has not arrived. */
  readonly config: BackendConfig | null;
  readonly current: boolean;
}

/** A backend as it was observed, without the figures that change all the time. */
type BackendLook = Pick<BackendStatus, "health" | "reason" | "endpoints" | "instanceName">;

function lookOf({ health, reason, endpoints, instanceName }: BackendStatus): BackendLook {
  return { health, reason, endpoints, instanceName };
}

/** One backend: each endpoint's health, what passes, and its load as its own statistics tell. */
export const BackendRow = memo(function BackendRow({ id, config, current }: BackendRowProps) {
  const look = useMirroredRow("backends", id, lookOf);
  return look && <BackendCells id={id} look={look} config={config} current={current} />;
});

function BackendCells({ id, look, config, current }: BackendRowProps & { readonly look: BackendLook }) {
  const bridge = useBridge();
  const { health, reason, endpoints, instanceName } = look;
  // The health shown in the row is renewed with what the test finds.
  const test = (): void => {
    openSheet({ kind: "examination", id });
    void bridge.call("backend.probe", { id });
  };
  const edit = (): void => openSheet({ kind: "backend", id });
  const keys = { Enter: edit, Delete: () => void deleteTarget(bridge, "backends", id) };
  return (
    <tr
      className="backend-row"
      data-row={id}
      data-health={health}
      tabIndex={current ? 0 : -1}
      onKeyDown={(event) => actOnRow(event, keys)}
      onDoubleClick={edit}
      onContextMenu={openRowMenu}
    >
      <td data-column="state">
        <StateWord condition={healthCondition(health)} />
        {config?.drained && <span className="tag">Drained</span>}
        {config?.tls?.verify === false && (
          <span
            className="tag"
            data-tone="bad"
            title="The certificate is not verified: anyone in between can read and alter"
          >
            TLS not verified
          </span>
        )}
      </td>
      <th scope="row" data-column="id">
        <span className="route-id clamped" title={id}>
          {id}
        </span>
        {config?.tags && (
          <span className="route-note">
            <TagChips tags={config.tags} />
          </span>
        )}
        <span className="route-note clamped">
          {[
            config?.label,
            config?.environment,
            instanceName && instanceName !== id ? `instance ${instanceName}` : null,
            config?.via ? `via ${config.via}` : null,
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </th>
      <td data-column="endpoints">
        {endpoints.map((endpoint) => (
          <Endpoint key={endpoint.kind} endpoint={endpoint} />
        ))}
        {reason && !endpoints.some((endpoint) => endpoint.reason) && (
          <div className="endpoint" data-health={health}>
            <span className="endpoint-reason">{reason}</span>
          </div>
        )}
      </td>
      <BackendFigures id={id} />
      <td data-column="actions">
        <div className="row-actions">
          <Button size="small" excludeFromTabOrder={!current} onPress={test}>
            Test
          </Button>
          <BackendMenu id={id} drained={config?.drained === true} tabbable={current} />
          {config?.admin !== undefined && (
            <Button
              size="small"
              excludeFromTabOrder={!current}
              aria-label={`Open Galvanometer of ${id}`}
              onPress={() => void openGalvanometer(bridge, id)}
            >
              <Gauge aria-hidden /> Galvanometer
            </Button>
          )}
        </div>
      </td>
    </tr>
  );
}

function Endpoint({ endpoint }: { readonly endpoint: EndpointStatus }) {
  const { kind, url, health, reason, latencyMs, checkedAt } = endpoint;
  const condition = healthCondition(health);
  const checked = checkedAt ? `, checked at ${formatClock(checkedAt, new Date())}` : "";
  return (
    <div className="endpoint" data-health={health} title={`${kind}: ${condition.word}${checked}`}>
      <StateMark condition={condition} label={`${kind}: ${condition.word}`} />
      <span className="endpoint-kind">{kind}</span>
      <span className="mono whole-address">{url}</span>
      {latencyMs !== null && health === "up" && (
        <span className="faint endpoint-latency">{formatLatency(latencyMs)}</span>
      )}
      {reason && <span className="endpoint-reason">{reason}</span>}
    </div>
  );
}

interface BackendMenuProps {
  readonly id: string;
  readonly drained: boolean;
  readonly tabbable: boolean;
}

const BackendMenu = memo(function BackendMenu({ id, drained, tabbable }: BackendMenuProps) {
  const bridge = useBridge();
  const edit = { id: "edit", icon: <Pencil />, label: "Edit", shortcut: "Enter" };
  const drain = drained ? "Take new connections again" : "Drain: no new connections";
  const remove = { id: "delete", icon: <Trash2 />, label: "Delete", shortcut: "Del", isDangerous: true };
  return (
    <RowMenu
      name={id}
      tabbable={tabbable}
      groups={[
        [
          { ...edit, act: () => openSheet({ kind: "backend", id }) },
          {
            ...{ id: "clone", icon: <CopyPlus />, label: "Clone" },
            act: () => openSheet({ kind: "backend", id: null, like: id }),
          },
          {
            ...{ id: "connections", icon: <Cable />, label: "Show connections" },
            act: () => showConnections({ kind: "backend", id }),
          },
          {
            ...{ id: "activity", icon: <ScrollText />, label: "Show activity" },
            act: () => showActivity({ kind: "backend", id }),
          },
          {
            ...{ id: "drain", icon: <CircleOff />, label: drain },
            act: () => void drainBackend(bridge, id, !drained),
          },
        ],
        [{ ...remove, act: () => void deleteTarget(bridge, "backends", id) }],
      ]}
    />
  );
});
