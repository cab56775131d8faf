/** A pool's guard in the words and figures of the snapshot. Pure. */
import type { PoolConfig } from "../contract/config.ts";
import type { HomeStatus, LinkStatus, PoolStatus } from "../contract/snapshot.ts";
import { successor, whyNobody, type Takeover } from "./guard-pool.ts";
import type { LinkJudgement } from "./judge-link.ts";
import type { SourceKnowledge } from "./link-knowledge.ts";

interface PoolToDescribe {
  readonly pool: PoolConfig;
  readonly active: string | null;
  readonly sinceMs: number | null;
  readonly held: string | null;
  /** Guarded routes whose clients follow the active member. */
  readonly following: readonly string[];
  /** Guarded routes whose clients return by name. */
  readonly sticky: readonly string[];
  readonly staleData: readonly string[];
  readonly candidates: readonly Takeover[];
  readonly homes: readonly HomeStatus[];
  readonly judge: (from: string, to: string) => LinkJudgement;
  readonly sourceOf: (id: string) => SourceKnowledge | null;
}

export function describePool(described: PoolToDescribe): PoolStatus {
  const { pool, active, sinceMs, held, candidates } = described;
  return {
    id: pool.id,
    active,
    activeSince: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    held,
    whatIf: whatIf(described),
    takeovers: candidates.map(({ to, verdict, link, why, away }) => ({
      to,
      verdict,
      why: `${link.says}. ${why}`,
      away,
    })),
    links: linksOf(described),
    staleData: described.staleData,
    homes: described.homes,
  };
}

function whatIf({ active, held, following, sticky, candidates }: PoolToDescribe): string | null {
  if (following.length + sticky.length === 0 || active === null || held !== null) return null;
  const routes = following.length > 0 ? nameRoutes(following) : `client names new to ${nameRoutes(sticky)}`;
  const next = successor(candidates);
  if (next) return `If ${active} failed now, ${routes} would go on at ${next.to}: ${next.link.says}.`;
  return `If ${active} failed now, ${routes} would be held: ${whyNobody(candidates)}.`;
}

function nameRoutes(ids: readonly string[]): string {
  const [first = "", second] = ids;
  if (second === undefined) return first;
  return ids.length === 2 ? `${first} and ${second}` : `${first} and ${ids.length - 1} other routes`;
}

/** Every link between members that was seen or declared; one that is neither is drawn only from the active member. */
function linksOf({ pool, active, judge, sourceOf }: PoolToDescribe): readonly LinkStatus[] {
  const links: LinkStatus[] = [];
  for (const from of pool.members) {
    for (const to of pool.members) {
      if (from === to) continue;
      const source = sourceOf(from);
      const seen = source?.links[to];
      const isDeclared = pool.links?.some((link) => link.from === from && link.to === to);
      if ((!seen || seen.type === "none") && !isDeclared && from !== active) continue;
      const { state, by, says } = judge(from, to);
      const type = by === "declared" ? (state === "sync" ? "sync" : "async") : seen?.type;
      links.push({
        from,
        to,
        type: type === "sync" || type === "async" ? type : "unknown",
        source: by,
        connected: seen?.connected ?? null,
        secondsBehind: seen?.secondsBehind ?? null,
        at: source ? new Date(source.atMs).toISOString() : null,
        state,
        says,
      });
    }
  }
  return links;
}
