import { Pencil, Plus, Trash2 } from "lucide-react";
import type { PoolConfig } from "../../../app/contract/config.ts";
import type { PoolStatus } from "../../../app/contract/snapshot.ts";
import { useBridge } from "../bridge/bridge-context.ts";
import { Button, IconButton } from "../design/Button.tsx";
import { StateMark } from "../design/StateMark.tsx";
import { useMirror } from "../mirror/mirror-store.ts";
import { healthCondition } from "../routes/route-condition.ts";
import { openSheet } from "../view/view-store.ts";
import { deleteTarget } from "./backend-actions.ts";

/** The pools, each with its members in order and the one that is active. */
export function PoolList() {
  const pools = useMirror((mirror) => mirror.saved?.config.pools ?? null);
  const statuses = useMirror((mirror) => mirror.pools);
  if (!pools) return null;
  return (
    <section className="pools" aria-labelledby="pools-title">
      <div className="section-head">
        <h2 id="pools-title">Pools</h2>
        <span className="soft">Backends that can stand in for one another.</span>
        <Button size="small" onPress={() => openSheet({ kind: "pool", id: null })}>
          <Plus aria-hidden />
          New pool
        </Button>
      </div>
      {pools.length === 0 && <p className="soft">No pools yet.</p>}
      <ul>
        {pools.map((pool) => (
          <PoolItem key={pool.id} pool={pool} status={statuses.find((row) => row.id === pool.id) ?? null} />
        ))}
      </ul>
    </section>
  );
}

function PoolItem({ pool, status }: { readonly pool: PoolConfig; readonly status: PoolStatus | null }) {
  const bridge = useBridge();
  const backends = useMirror((mirror) => mirror.backends);
  return (
    <li className="pool">
      <div className="pool-head">
        <strong className="route-id">{pool.id}</strong>
        <span className="tag">{pool.balance ?? "primary"}</span>
        {pool.note && <span className="soft ellipsis">{pool.note}</span>}
      </div>
      <ol className="pool-members">
        {pool.members.map((member) => {
          const condition = healthCondition(
            backends.find((backend) => backend.id === member)?.health ?? "unknown",
          );
          return (
            <li key={member} className="pool-member" data-active={status?.active === member}>
              <StateMark condition={condition} label={condition.word} />
              <span className="mono">{member}</span>
              {pool.weights?.[member] !== undefined && <span className="faint">×{pool.weights[member]}</span>}
              {status?.active === member && <span className="tag">active</span>}
            </li>
          );
        })}
      </ol>
      {status?.held && <p className="pool-held">Held: {status.held}</p>}
      <div className="row-actions">
        <IconButton label={`Edit pool ${pool.id}`} onPress={() => openSheet({ kind: "pool", id: pool.id })}>
          <Pencil />
        </IconButton>
        <IconButton
          label={`Delete pool ${pool.id}`}
          onPress={() => void deleteTarget(bridge, "pools", pool.id)}
        >
          <Trash2 />
        </IconButton>
      </div>
    </li>
  );
}
