/** Where the guarded clients of a pool go: they stay, they move across a safe link, or they are held. Pure. */
import type { PoolConfig } from "../contract/config.ts";
import { decide, type Verdict } from "./decision-table.ts";
import type { LinkJudgement } from "./judge-link.ts";

export interface GuardMember {
  readonly id: string;
  /** Why it takes no guarded clients; null where it does. */
  readonly away: string | null;
}

export interface GuardQuestion {
  /** The member that clients follow: the pool's active one, or the one where a named client belongs. */
  readonly active: string;
  /** What it is to them: `the active member of pool prod`, `where pub-1 belongs`. */
  readonly role: string;
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

/** The guarded clients of a pool as the guard sees it now. */
export interface PoolView {
  readonly pool: PoolConfig;
  /** Null where it is not known. */
  readonly active: string | null;
  readonly members: readonly GuardMember[];
  readonly judge: (from: string, to: string) => LinkJudgement;
}

type GuardDecision =
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
  const { active, role, members } = question;
  const own = members.find((member) => member.id === active);
  if (own && own.away === null) return { is: "stay" };
  const candidates = takeovers(question);
  const takeover = successor(candidates);
  if (takeover) return { is: "move", takeover };
  const away = own ? own.away : "is no longer in the pool";
  return { is: "held", reason: `Held: ${active}, ${role}, ${away}, and ${whyNobody(candidates)}.` };
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
