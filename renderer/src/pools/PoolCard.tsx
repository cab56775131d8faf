import { Pencil, ScrollText, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { PoolConfig } from "../../../app/contract/config.ts";
import type { BackendStatus, PoolStatus } from "../../../app/contract/snapshot.ts";
import { deleteTarget } from "../backends/backend-actions.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button, IconButton } from "../design/Button.tsx";
import { formatClock, plural } from "../design/format.ts";
import { actOnRow } from "../design/row-keys.ts";
import { StateMark, StateWord } from "../design/StateMark.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { healthCondition, type Condition } from "../routes/route-condition.ts";
import { openSheet, showActivity, useView } from "../view/view-store.ts";
import { takeoverCondition } from "./link-condition.ts";
import { PoolDiagram } from "./PoolDiagram.tsx";
import { PromoteDialog } from "./PromoteDialog.tsx";

const held: Condition = { tone: "warn", shape: "pause", word: "Held", trouble: true };
const olderData: Condition = { tone: "warn", shape: "half", word: "Data may be older", trouble: false };

interface PoolCardProps {
  readonly pool: PoolConfig;
  readonly status: PoolStatus | null;
  /** True for the one card that Tab comes to. */
  readonly current: boolean;
}

/** One pool: its members and links drawn, who is active, and what would happen if it failed now. */
export function PoolCard({ pool, status, current }: PoolCardProps) {
  const bridge = useBridge();
  const backends = useMirror((mirror) => mirror.backends);
  const [promoting, setPromoting] = useState<string | null>(null);
  const { id, members, balance = "primary", note } = pool;
  const card = useRef<HTMLLIElement>(null);
  const isShown = useView((view) => view.poolShown === id);
  useEffect(() => {
    if (isShown) card.current?.focus();
  }, [isShown]);
  const edit = (): void => openSheet({ kind: "pool", id });
  const remove = (): void => void deleteTarget(bridge, "pools", id);
  return (
    <li
      className="pool-card"
      ref={card}
      tabIndex={current ? 0 : -1}
      onKeyDown={(event) => actOnRow(event, { Enter: edit, Delete: remove })}
      data-row={id}
      data-held={status?.held !== null && status !== null}
    >
      <div className="pool-head">
        <h2 className="route-id">{id}</h2>
        <span className="tag">
          {balance === "least-load" ? `${balance}: ${pool.load ?? "cpu"}` : balance}
        </span>
        {note && <span className="soft ellipsis">{note}</span>}
        <div className="row-actions">
          <IconButton
            label={`Show activity of pool ${id}`}
            onPress={() => showActivity({ kind: "pool", id })}
          >
            <ScrollText />
          </IconButton>
          <IconButton label={`Edit pool ${id}`} onPress={edit}>
            <Pencil />
          </IconButton>
          <IconButton label={`Delete pool ${id}`} onPress={remove}>
            <Trash2 />
          </IconButton>
        </div>
      </div>
      {status && <PoolOutlook status={status} />}
      {status?.staleData.map((sentence) => (
        <p key={sentence} className="pool-outlook soft">
          <StateMark condition={olderData} /> {sentence}
        </p>
      ))}
      <div className="pool-body">
        {status && <PoolDiagram members={members} status={status} backends={backends} />}
        <ul className="pool-members">
          {members.map((member) => (
            <PoolMember
              key={member}
              id={member}
              weight={pool.weights?.[member]}
              status={status}
              backend={backends.find((one) => one.id === member) ?? null}
              onPromote={() => setPromoting(member)}
            />
          ))}
        </ul>
      </div>
      {status && <PromoteDialog status={status} member={promoting} onClose={() => setPromoting(null)} />}
    </li>
  );
}

function PoolOutlook({ status }: { readonly status: PoolStatus }) {
  if (status.held !== null)
    return (
      <p className="pool-outlook" data-tone="warn" role="status">
        <StateMark condition={held} /> {status.held}
      </p>
    );
  if (status.whatIf === null)
    return (
      <p className="pool-outlook faint">No guarded route uses this pool: its subscribers are balanced.</p>
    );
  return <p className="pool-outlook">{status.whatIf}</p>;
}

interface PoolMemberProps {
  readonly id: string;
  readonly weight: number | undefined;
  readonly status: PoolStatus | null;
  readonly backend: BackendStatus | null;
  readonly onPromote: () => void;
}

function PoolMember({ id, weight, status, backend, onPromote }: PoolMemberProps) {
  const isActive = status?.active === id;
  const takeover = status?.takeovers.find(({ to }) => to === id) ?? null;
  const home = status?.homes.find(({ member }) => member === id) ?? null;
  const since = status?.activeSince ? ` since ${formatClock(status.activeSince, new Date())}` : "";
  return (
    <li className="pool-member" data-active={isActive}>
      <StateWord condition={healthCondition(backend?.health ?? "unknown")} />
      <span className="mono pool-member-id" title={id}>
        <span className="clamped">{id}</span>
        {weight !== undefined && <span className="faint pool-weight">weight {weight}</span>}
      </span>
      {isActive && <span className="tag">active{since}</span>}
      {takeover && (
        <span className="pool-takeover" title={takeover.why}>
          <StateWord condition={takeoverCondition(takeover)} />
          <span className="soft">{takeover.why}</span>
        </span>
      )}
      {!isActive && !takeover && <span />}
      {home && (
        <span className="pool-home">
          <span className="tag">{plural(home.clients, "client name")}</span>{" "}
          <span className="soft">{home.whatIf}</span>
        </span>
      )}
      {!isActive && status && (
        <Button size="small" aria-label={`Promote ${id}`} onPress={onPromote}>
          Promote…
        </Button>
      )}
    </li>
  );
}
