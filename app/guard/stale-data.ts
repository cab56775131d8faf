/** What plain subscribers, who are given any member that is up, may meet there: the last row of amps-facts 6.3. Pure. */
import { decide } from "./decision-table.ts";
import type { PoolView } from "./guard-pool.ts";

/** `active`: where publishers go; null where none goes through this pool, so that any member may be written to. */
type StaleDataQuestion = Pick<PoolView, "active" | "members" | "judge">;

/** Sentences; none where every link that matters is sync and connected. */
export function staleData({ members, active, judge }: StaleDataQuestion): readonly string[] {
  const sources = active === null ? members.map(({ id }) => id) : [active];
  return sources.flatMap((from) =>
    members
      .filter(({ id, away }) => id !== from && away === null)
      .flatMap(({ id: to }) => {
        const { state, says } = judge(from, to);
        const { verdict, why } = decide("subscribers", state);
        if (verdict === "allow") return [];
        // Between two that are both sources, the way back may join them.
        if (state === "none" && sources.includes(to) && judge(to, from).state !== "none") return [];
        return [`Subscribers of ${to}: ${says}. ${why}`];
      }),
  );
}
