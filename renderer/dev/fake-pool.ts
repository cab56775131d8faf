/** A pool as the guard might see it: the first link sync, the second downgraded, the others of every kind. */
import type { PoolConfig, RouteConfig } from "../../app/contract/config.ts";
import type { LinkState, LinkStatus, PoolStatus, TakeoverStatus } from "../../app/contract/snapshot.ts";

const states: readonly LinkState[] = ["sync", "downgraded", "disconnected", "async", "unknown", "none"];

const words: Readonly<Record<LinkState, string>> = {
  sync: "is sync and connected",
  downgraded: "was downgraded 3 min ago, 41 s behind",
  disconnected: "is sync and not connected",
  async: "acknowledges asynchronously",
  unknown: "was never seen: no replication statistics could be read",
  none: "is in no statistics",
};

export function fakePool(
  pool: PoolConfig,
  routes: readonly RouteConfig[],
  active: string | null,
): PoolStatus {
  const links = pool.members.flatMap((from, i) =>
    pool.members
      .filter((to) => to !== from)
      .map((to, j) => fakeLink(pool, from, to, states[(i * 2 + j) % states.length] ?? "sync")),
  );
  const takeovers = links.filter(({ from }) => from === active).map(fakeTakeover);
  const guarded = routes.filter((route) => route.target === pool.id && route.clients !== "subscribers");
  const next = takeovers.find(({ verdict }) => verdict !== "refuse");
  const outcome = next ? `would go on at ${next.to}` : "would be held";
  return {
    id: pool.id,
    active,
    activeSince: null,
    held: null,
    whatIf: guarded[0]
      ? `If ${active} failed now, ${guarded[0].id} ${outcome}: ${(next ?? takeovers[0])?.why ?? ""}.`
      : null,
    takeovers,
    links,
    staleData: routes.some((route) => route.target === pool.id && route.clients === "subscribers")
      ? takeovers
          .filter(({ verdict }) => verdict !== "allow")
          .map(({ to, why }) => `Subscribers of ${to}: ${why}. The data there may be older.`)
      : [],
    homes: guarded.some((route) => route.sticky !== undefined)
      ? pool.members.map((member, at) => ({
          member,
          clients: 4 + at * 7,
          whatIf: `If ${member} failed now, its named clients would go on at ${pool.members.find((other) => other !== member)}.`,
        }))
      : [],
  };
}

function fakeLink(pool: PoolConfig, from: string, to: string, observed: LinkState): LinkStatus {
  const declared = pool.links?.find((link) => link.from === from && link.to === to);
  const state = declared?.type ?? observed;
  return {
    from,
    to,
    type:
      state === "sync" || state === "disconnected"
        ? "sync"
        : state === "downgraded" || state === "async"
          ? "async"
          : "unknown",
    source: declared ? "declared" : "observed",
    connected: declared ? null : state === "sync" || state === "downgraded" || state === "async",
    secondsBehind: state === "downgraded" ? 41 : 0,
    at: declared ? null : new Date().toISOString(),
    state,
    says: `${from}→${to} ${declared ? `is declared ${declared.type}, not observed` : words[state]}`,
  };
}

function fakeTakeover({ to, state, says }: LinkStatus): TakeoverStatus {
  const verdict = state === "sync" ? "allow" : state === "disconnected" ? "warn" : "refuse";
  return { to, verdict, why: says, away: null };
}
