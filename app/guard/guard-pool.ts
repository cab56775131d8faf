/** Where the guarded clients of a pool go: they stay, they move across a safe link, or they are held. Pure. */
import { decide, type Verdict } from "./decision-table.ts";
import type { LinkJudgement } from "./judge-link.ts";

export interface GuardMember {
  readonly id: string;
  /** Why it takes no guarded clients; null where it does. */
  readonly away: string | null;
}

export interface GuardQuestion {
  readonly pool: string;
  readonly active: string;
  /** In order of preference. */
  readonly members: readonly GuardMember[];
  readonly judge: (from: string, to: string) => LinkJudgement;
}

/** What taking over from the active member would mean. */
export interface Takeover {
  readonly to: string;
  readonly verdict: Verdict;
  readonly link: LinkJudgement;
  readonly why: string;
  readonly away: string | null;
}

export type GuardDecision =
  | { readonly is: "stay" }
  | { readonly is: "move"; readonly takeover: Takeover }
  | { readonly is: "held"; readonly reason: string };

/** Every other member as a successor; all guarded roles have the same rows in the table, so the strictest speaks for all. */
export function takeovers({ active, members, judge }: GuardQuestion): readonly Takeover[] {
  return members
    .filter((member) => member.id !== active)
    .map(({ id, away }) => {
      const link = judge(active, id);
      const { verdict, why } = decide("mixed", link.state);
      return { to: id, verdict, link, why, away };
    });
}

/** The member that would take over: first one across a connected link, then one whose link is only disconnected. */
export function successor(candidates: readonly Takeover[]): Takeover | null {
  const able = candidates.filter((candidate) => candidate.away === null);
  return (
    able.find((candidate) => candidate.verdict === "allow") ??
    able.find((candidate) => candidate.verdict === "warn") ??
    null
  );
}

export function guardPool(question: GuardQuestion): GuardDecision {
  const { pool, active, members } = question;
  const own = members.find((member) => member.id === active);
  if (own && own.away === null) return { is: "stay" };
  const candidates = takeovers(question);
  const takeover = successor(candidates);
  if (takeover) return { is: "move", takeover };
  const what = own
    ? `${active}, the active member of pool ${pool}, ${own.away}`
    : `${active} was the active member of pool ${pool} and is no longer in it`;
  return { is: "held", reason: `Held: ${what}, and ${whyNobody(candidates)}.` };
}

/** Why none of them may take over. */
export function whyNobody(candidates: readonly Takeover[]): string {
  if (candidates.length === 0) return "it has no other member";
  return candidates
    .map(({ to, away, link, verdict }) =>
      verdict === "refuse" || away === null ? link.says : `${to} ${away}`,
    )
    .join("; ");
}
