/** What a link is at the moment that counts: now, or when its source stopped answering. Pure (amps-facts 6.3, 6.4). */
import type { LinkState } from "../contract/snapshot.ts";
import { staleIntervals, type LinkKnowledge, type SourceKnowledge } from "./link-knowledge.ts";

interface LinkQuestion {
  readonly from: string;
  readonly to: string;
  /** What is remembered of the source; null where its statistics were never read. */
  readonly source: SourceKnowledge | null;
  /** Why the newest reading of the source's statistics failed, a sentence; null where it did not. */
  readonly unread: string | null;
  /** The first sign that the source no longer answered; now, as long as it does. */
  readonly stoppedAtMs: number;
  readonly nowMs: number;
  /** The tunnel that is down, where nobody can tell whether the source lives; null where it is seen. */
  readonly unseenBehind: string | null;
  readonly declared: "sync" | "async" | null;
}

export interface LinkJudgement {
  readonly state: LinkState;
  readonly by: "observed" | "declared";
  /** Ends a sentence: `amps-a→amps-b was downgraded 3 min ago, 41 s behind`. */
  readonly says: string;
}

/** A clock that went back makes observations of the future: they are not believed. */
const clockSlackMs = 5_000;

export function judgeLink(question: LinkQuestion): LinkJudgement {
  const { from, to, source, unread, stoppedAtMs, nowMs, unseenBehind, declared } = question;
  const name = `${from}→${to}`;
  const link = source && Object.hasOwn(source.links, to) ? source.links[to] : undefined;
  if (!source || !link) {
    const never = `${name} was never seen: no replication statistics of ${from} could be read${because(unread)}`;
    return declared ? declaredLink(name, declared) : { state: "unknown", by: "observed", says: never };
  }
  const seen = stateOf(link);
  const ageMs = stoppedAtMs - source.atMs;
  const isOld = ageMs > staleIntervals * source.intervalMs || ageMs < -clockSlackMs;
  const isStale = isOld || unseenBehind !== null;
  // The operator's word counts where statistics are silent, never against what they showed last.
  const isSilent = (link.type === "unknown" && !link.asyncSeen) || (isStale && link.trusted);
  if (declared && isSilent) return declaredLink(name, declared);
  // What was last seen not to be sync stays so, however long ago that was.
  const stays = seen === "downgraded" || seen === "async" || seen === "none";
  if (!isStale || stays) return { state: seen, by: "observed", says: describe(name, link, seen, nowMs) };
  const last = `${name} was last seen ${describeAge(nowMs - source.atMs)}`;
  if (unseenBehind !== null)
    return {
      state: "unknown",
      by: "observed",
      says: `${last}, and what it is now cannot be seen: tunnel ${unseenBehind} is down, which says nothing of ${from}`,
    };
  const says = `${last}, longer before ${from} stopped answering than its statistics hold good${because(unread)}`;
  return { state: "unknown", by: "observed", says };
}

/** A failed reading's sentence, to go on with: ` (The statistics ask for a login (401))`. */
function because(unread: string | null): string {
  return unread === null ? "" : ` (${unread.replace(/\.$/, "")})`;
}

function declaredLink(name: string, type: "sync" | "async"): LinkJudgement {
  return { state: type, by: "declared", says: `${name} is declared ${type}, not observed` };
}

function stateOf({ type, connected, trusted, asyncSeen, syncSeen }: LinkKnowledge): LinkState {
  if (type === "none" || type === "unknown") return type;
  if (type === "async") return syncSeen ? "downgraded" : "async";
  if (!trusted) return asyncSeen ? "downgraded" : "unknown";
  if (connected === null) return "unknown";
  if (connected) return "sync";
  // Acknowledgements that were released while it was async may never have reached the peer.
  return asyncSeen ? "downgraded" : "disconnected";
}

function describe(name: string, link: LinkKnowledge, state: LinkState, nowMs: number): string {
  const behind =
    link.secondsBehind !== null && link.secondsBehind > 0 ? `, ${link.secondsBehind} s behind` : "";
  const since = describeAge(nowMs - link.changedMs);
  switch (state) {
    case "sync":
      return `${name} is sync and connected${behind}`;
    case "disconnected":
      return `${name} is sync and not connected`;
    case "downgraded":
      return link.type === "async"
        ? `${name} was downgraded ${since}${behind}`
        : `${name} was async and reads sync again since ${since}, not yet caught up for sure${behind}`;
    case "async":
      return `${name} acknowledges asynchronously${behind}`;
    case "none":
      return `there is no link ${name}`;
    case "unknown":
      return link.type === "sync"
        ? `${name} reads sync and is not confirmed yet: two samples in a row must show it connected and 0 s behind${behind}`
        : `the statistics of ${name} do not say what it is`;
  }
}

/** Coarse, so that a sentence does not change every second: `3 min ago`. */
function describeAge(ageMs: number): string {
  const minutes = Math.floor(Math.max(0, ageMs) / 60_000);
  if (minutes < 1) return "less than a minute ago";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
