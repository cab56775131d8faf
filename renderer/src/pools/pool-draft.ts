/** A pool as the form holds it. */
import type { BalancePolicy, DeclaredLink, LoadFigure, PoolConfig } from "../../../app/contract/config.ts";
import { restOf } from "../edit/rest-of.ts";

export interface PoolDraft {
  readonly id: string;
  readonly members: readonly string[];
  readonly balance: BalancePolicy;
  readonly load: LoadFigure;
  /** As typed; empty counts 1. */
  readonly weights: Readonly<Record<string, string>>;
  readonly links: readonly DeclaredLink[];
  readonly agent: string;
  readonly note: string;
}

const editedKeys = ["id", "members", "balance", "load", "weights", "links", "agent", "note"] as const;

export function draftOfPool(pool: PoolConfig | null): PoolDraft {
  return {
    id: pool?.id ?? "",
    members: pool?.members ?? [],
    balance: pool?.balance ?? "primary",
    load: pool?.load ?? "cpu",
    weights: Object.fromEntries(
      Object.entries(pool?.weights ?? {}).map(([id, share]) => [id, String(share)]),
    ),
    links: pool?.links ?? [],
    agent: pool?.agent ?? "",
    note: pool?.note ?? "",
  };
}

/** The pool that a draft describes. */
export function poolOfDraft(draft: PoolDraft, before: PoolConfig | null): PoolConfig {
  const weights: Record<string, number> = {};
  for (const member of draft.members) {
    const typed = draft.weights[member]?.trim();
    // What is not a number goes to the check as NaN's JSON, null, and comes back as a problem at its path.
    if (typed) weights[member] = Number(typed);
  }
  return {
    id: draft.id.trim(),
    members: draft.members,
    ...(draft.balance !== "primary" && { balance: draft.balance }),
    ...(draft.balance === "least-load" && { load: draft.load }),
    ...(Object.keys(weights).length > 0 && { weights }),
    ...(draft.links.length > 0 && { links: draft.links }),
    ...(draft.agent.trim() !== "" && { agent: draft.agent.trim() }),
    ...restOf(before, editedKeys),
    ...(draft.note.trim() !== "" && { note: draft.note.trim() }),
  };
}

/** The members with one a place up or down. */
export function moveMember(members: readonly string[], index: number, step: 1 | -1): readonly string[] {
  const member = members[index];
  const other = members[index + step];
  if (member === undefined || other === undefined) return members;
  return members.with(index, other).with(index + step, member);
}
