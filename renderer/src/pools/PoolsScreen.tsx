import { Plus } from "lucide-react";
import { useRef } from "react";
import type { PoolConfig } from "../../../app/contract/config.ts";
import { Button } from "../design/Button.tsx";
import { useBlankFocus } from "../design/use-blank-focus.ts";
import { useRowFocus } from "../design/use-row-focus.ts";
import { useMirror } from "../mirror/mirror-store.ts";
import { openSheet } from "../view/view-store.ts";
import { PoolCard } from "./PoolCard.tsx";

const newPool = (): void => openSheet({ kind: "pool", id: null });

/** The pools: backends that can stand in for one another, the links between them, and the guard's view of both. */
export function PoolsScreen() {
  const pools = useMirror((mirror) => mirror.saved?.config.pools ?? null);
  const screen = useRef<HTMLDivElement>(null);
  useBlankFocus(screen, pools?.length === 0);
  if (!pools) return null;
  return (
    <div className="screen" ref={screen}>
      <div className="toolbar">
        <Button look="primary" onPress={newPool}>
          <Plus aria-hidden />
          New pool
        </Button>
        <p className="soft">
          Publishers and consumers follow the active member; only a link last seen sync lets them go to
          another.
        </p>
      </div>
      <div className="screen-scroll">
        {pools.length > 0 ? (
          <PoolCards pools={pools} />
        ) : (
          <div className="blank">
            <h2>No pools yet</h2>
            <p className="soft">
              A pool is a set of backends that can stand in for one another. Give a route the pool as its
              target, and its clients go to a member that is up.
            </p>
            <Button look="primary" onPress={newPool}>
              Add your first pool
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function PoolCards({ pools }: { readonly pools: readonly PoolConfig[] }) {
  const statuses = useMirror((mirror) => mirror.pools);
  const cards = useRef<HTMLUListElement>(null);
  const { current, ...focus } = useRowFocus({ keys: pools.map(({ id }) => id), grid: cards });
  return (
    <ul ref={cards} className="pool-cards" aria-label="Pools" {...focus}>
      {pools.map((pool) => (
        <PoolCard
          key={pool.id}
          pool={pool}
          status={statuses.find((row) => row.id === pool.id) ?? null}
          current={pool.id === current}
        />
      ))}
    </ul>
  );
}
