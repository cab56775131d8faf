/**
 * The cells of a route's row that stay as they are while its figures change. Each takes plain values, so that React can
 * see that nothing is new: a thousand routes are told of four times a second.
 */
import { BellOff, Copy } from "lucide-react";
import { memo } from "react";
import type { Health } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button, IconButton } from "../design/Button.tsx";
import { CheckField } from "../design/Field.tsx";
import { type Look, StateMark, StateWord } from "../design/StateMark.tsx";
import { TagChips } from "../tags/TagChips.tsx";
import { useIsMuted } from "../settings/shell-settings.ts";
import { selectRoute, showRoute } from "../view/view-store.ts";
import { startRoutes, stopRoutes } from "./route-actions.ts";
import { healthCondition } from "./route-condition.ts";
import { RouteMenu, type RouteMenuProps } from "./RouteMenu.tsx";

interface RouteSelectCellProps {
  readonly id: string;
  readonly selected: boolean;
  readonly tabbable: boolean;
}

export const RouteSelectCell = memo(function RouteSelectCell(props: RouteSelectCellProps) {
  const { id, selected, tabbable } = props;
  return (
    <td data-column="select">
      <CheckField
        aria-label={`Select ${id}`}
        isSelected={selected}
        excludeFromTabOrder={!tabbable}
        onChange={(on) => selectRoute(id, on)}
      />
    </td>
  );
});

export const RouteStateCell = memo(function RouteStateCell(look: Look) {
  return (
    <td data-column="state">
      <StateWord condition={look} />
    </td>
  );
});

interface RouteNameCellProps {
  readonly id: string;
  readonly note: string;
  /** Undefined or the configuration's own list, which stays the same. */
  readonly tags: readonly string[] | undefined;
  readonly tabbable: boolean;
}

export const RouteNameCell = memo(function RouteNameCell({ id, note, tags, tabbable }: RouteNameCellProps) {
  return (
    <th scope="row" data-column="id">
      <button
        type="button"
        className="route-id link-name"
        tabIndex={tabbable ? 0 : -1}
        title={`Show details of ${id}`}
        onClick={() => showRoute(id)}
      >
        <span className="clamped">{id}</span>
      </button>
      <MutedMark id={id} />
      {(note !== "" || tags) && (
        <span className="route-note route-words" title={[...(tags ?? []), note].join(" ")}>
          {tags && <TagChips tags={tags} />}
          {note !== "" && <span className="ellipsis">{note}</span>}
        </span>
      )}
    </th>
  );
});

/** Nothing while the system's notifications speak of the route as of any other. */
function MutedMark({ id }: { readonly id: string }) {
  if (!useIsMuted(id)) return null;
  return (
    <span className="muted-mark" role="img" aria-label="Notifications muted" title="Notifications muted">
      <BellOff aria-hidden />
    </span>
  );
}

interface RouteAddressCellProps {
  readonly listen: string;
  readonly names: string;
  readonly exposed: boolean;
  readonly bare: boolean;
  readonly tabbable: boolean;
  readonly onCopyAddress: () => void;
}

export const RouteAddressCell = memo(function RouteAddressCell(props: RouteAddressCellProps) {
  const { listen, names, exposed, bare, tabbable, onCopyAddress } = props;
  return (
    <td data-column="listen">
      <span className="route-listen">
        <span className="mono whole-address" title={listen}>
          {listen}
        </span>
        {!bare && (
          <IconButton
            label="Copy address"
            data-anchor
            excludeFromTabOrder={!tabbable}
            onPress={onCopyAddress}
          >
            <Copy />
          </IconButton>
        )}
      </span>
      {names !== "" && (
        <span className="route-note ellipsis" title={names}>
          {names}
        </span>
      )}
      {exposed && <span className="route-note route-exposed">▲ open to others</span>}
    </td>
  );
});

interface RouteTargetCellProps {
  readonly target: string;
  readonly health: Health;
  readonly stopped: boolean;
  readonly shape: string;
}

export const RouteTargetCell = memo(function RouteTargetCell(props: RouteTargetCellProps) {
  const { target, health, stopped, shape } = props;
  const condition = healthCondition(health);
  return (
    <td data-column="target">
      <span className="route-target" title={target}>
        <span className="route-arrow" aria-hidden>
          →
        </span>
        <StateMark condition={condition} label={`target: ${condition.word}`} />
        <span className="ellipsis">{target}</span>
      </span>
      <span className="route-note ellipsis" title={`${condition.word} · ${shape}`}>
        {health !== "up" && !stopped && (
          <span className="target-health">{condition.word.toLowerCase()} · </span>
        )}
        {shape}
      </span>
    </td>
  );
});

export const RouteActionsCell = memo(function RouteActionsCell(props: RouteMenuProps) {
  const { id, running, tabbable } = props;
  const bridge = useBridge();
  return (
    <td data-column="actions">
      <div className="row-actions">
        <Button
          size="small"
          excludeFromTabOrder={!tabbable}
          aria-label={`${running ? "Stop" : "Start"} ${id}`}
          onPress={() => (running ? stopRoutes(bridge, [id]) : void startRoutes(bridge, [id]))}
        >
          {running ? "Stop" : "Start"}
        </Button>
        <RouteMenu {...props} />
      </div>
    </td>
  );
});
