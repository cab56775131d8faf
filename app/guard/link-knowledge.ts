/**
 * What is remembered of an instance's outgoing links from one statistics sample to the next. Pure.
 *
 *     sample → same instance, no gap? ─ yes → the link goes on being trusted while it reads sync
 *                                     └ no (restart, gap, first sight), or async in between
 *                                         → sync counts again after two samples in a row, connected and 0 s behind
 *
 * A restart silently restores sync, and an upgrade may come while the peer still lags (amps-facts 6.4).
 */

/** Tells one run of an instance from the next: in a container the process id is the same every time. */
export interface InstanceRun {
  readonly pid: number | null;
  readonly uptimeMs: number;
}

/** What one sample says of one link. */
export interface LinkReading {
  readonly type: "sync" | "async" | "unknown";
  readonly connected: boolean | null;
  readonly secondsBehind: number | null;
  readonly typeAtConnect: "sync" | "async" | null;
}

/** One sample of an instance's links, by peer id; `none`: the statistics name no link to that peer. */
export interface SourceReading {
  readonly atMs: number;
  readonly intervalMs: number;
  /** Null where it is not known which run of the instance this is. */
  readonly run: InstanceRun | null;
  /** The instance's own stamp of the sample: the same stamp again is no new sample. */
  readonly stamp: string | null;
  readonly links: ReadonlyMap<string, LinkReading | "none">;
}

export interface LinkKnowledge {
  readonly type: "sync" | "async" | "none" | "unknown";
  readonly connected: boolean | null;
  readonly secondsBehind: number | null;
  /** Samples in a row in which the link was sync, connected and not behind; counted to two. */
  readonly caughtUp: number;
  /** Reads sync, and nothing since it was last caught up speaks against it. */
  readonly trusted: boolean;
  /** Since the instance's last restart. */
  readonly asyncSeen: boolean;
  readonly syncSeen: boolean;
  /** When `type` became what it is. */
  readonly changedMs: number;
}

export interface SourceKnowledge {
  readonly atMs: number;
  readonly intervalMs: number;
  readonly run: InstanceRun | null;
  readonly stamp: string | null;
  readonly links: Readonly<Record<string, LinkKnowledge>>;
}

/** Observations this many intervals old say nothing any more. */
export const staleIntervals = 2;
const samplesToTrust = 2;
/** Uptimes are samples themselves, up to an interval old; beyond that and this a shorter one means a restart. */
const uptimeSlackMs = 1_000;

type RunChange = "same" | "restarted" | "unknown";

/** Whether two samples come from one run of an instance. */
export function compareRuns(before: SourceKnowledge, next: SourceReading): RunChange {
  if (!before.run || !next.run) return "unknown";
  if (before.run.pid !== next.run.pid) return "restarted";
  const expectedMs = before.run.uptimeMs + (next.atMs - before.atMs);
  const slackMs = Math.max(before.intervalMs, next.intervalMs) + uptimeSlackMs;
  return next.run.uptimeMs < before.run.uptimeMs || next.run.uptimeMs < expectedMs - slackMs
    ? "restarted"
    : "same";
}

/** What is known after one more sample; the same object where the sample is not new. */
export function learn(before: SourceKnowledge | null, reading: SourceReading): SourceKnowledge {
  if (before && reading.stamp !== null && reading.stamp === before.stamp) return before;
  const change = before ? compareRuns(before, reading) : "unknown";
  const gapMs = before ? reading.atMs - before.atMs : Infinity;
  const longestGapMs = staleIntervals * Math.max(before?.intervalMs ?? 0, reading.intervalMs);
  const continuous = change === "same" && gapMs >= 0 && gapMs <= longestGapMs;
  const links: Record<string, LinkKnowledge> = {};
  for (const [to, link] of reading.links) {
    const earlier = before && Object.hasOwn(before.links, to) ? before.links[to] : undefined;
    const step = { earlier: earlier ?? null, link, atMs: reading.atMs };
    links[to] = learnLink({
      ...step,
      restarted: change === "restarted",
      continuous,
      known: reading.run !== null,
    });
  }
  const { atMs, intervalMs, run, stamp } = reading;
  return { atMs, intervalMs, run, stamp, links };
}

interface LinkStep {
  readonly earlier: LinkKnowledge | null;
  readonly link: LinkReading | "none";
  readonly atMs: number;
  readonly restarted: boolean;
  readonly continuous: boolean;
  /** Which run of the instance this is could be told. */
  readonly known: boolean;
}

function learnLink({ earlier, link, atMs, restarted, continuous, known }: LinkStep): LinkKnowledge {
  const type = link === "none" ? "none" : link.type;
  const connected = link === "none" ? null : link.connected;
  const secondsBehind = link === "none" ? null : link.secondsBehind;
  const sinceRestart = restarted ? null : earlier;
  const isCaughtUp = known && type === "sync" && connected === true && secondsBehind === 0;
  const caughtUp = isCaughtUp ? Math.min(samplesToTrust, (continuous ? (earlier?.caughtUp ?? 0) : 0) + 1) : 0;
  const staysTrusted = continuous && type === "sync" && earlier?.trusted === true;
  return {
    type,
    connected,
    secondsBehind,
    caughtUp,
    trusted: caughtUp >= samplesToTrust || staysTrusted,
    asyncSeen: type === "async" || sinceRestart?.asyncSeen === true,
    syncSeen:
      type === "sync" ||
      (link !== "none" && link.typeAtConnect === "sync") ||
      sinceRestart?.syncSeen === true,
    changedMs: earlier?.type === type ? earlier.changedMs : atMs,
  };
}
