/** What issue 8 asks for, and whether a run reached it. Pure. */
import type { FigureResult, Series } from "./rounds.ts";
import { pairedRatio, summarise, type Summary } from "./statistics.ts";

export interface Goal {
  readonly figure: string;
  /** Measured in the same round; null: an absolute limit. */
  readonly peer: "nginx" | "haproxy" | null;
  /** Throughput and rates want at least this, times and costs at most. */
  readonly limit: number;
  readonly of: "native" | "javascript";
  /** The decision that says what stands in the way where it is not met: a file of docs/decisions. */
  readonly why: string;
}

export interface Verdict {
  readonly goal: Goal;
  readonly forwarder: string;
  readonly reached: number;
  readonly interval: Summary["interval"];
  readonly isMet: boolean;
  /** Whether the mark lies outside the interval: else another run may well say otherwise. */
  readonly isSettled: boolean;
}

const throughputs = ["down-1", "down-8", "up-1", "up-8"].map((name) => `throughput-${name}`);
const roundTrips = ["64", "200", "4096"].map((size) => `round-trip-${size}`);
const connections = ["connections-1", "connections-16"];

function goals(
  of: Goal["of"],
  figures: readonly string[],
  limit: number,
  why: string,
  peers: readonly Goal["peer"][] = ["nginx"],
): readonly Goal[] {
  return figures.flatMap((figure) => peers.map((peer) => ({ figure, peer, limit, of, why })));
}

const perP = (name: "p50" | "p99") => roundTrips.map((id) => `${id}/${name}`);
const peers = ["nginx", "haproxy"] as const;
const shortConnections = "0066-short-connections.md";
const window = "0083-the-window-beside-the-forwarding.md";
const looks = "0095-only-what-changed.md";

/** Issue 8, "Goals". */
export const issueGoals: readonly Goal[] = [
  ...goals("native", throughputs, 1.5, window, peers),
  ...goals(
    "native",
    throughputs.map((id) => `${id}/cpu`),
    0.4,
    "0102-no-pacing-on-loopback.md",
    peers,
  ),
  ...goals("native", perP("p50"), 1.0, shortConnections),
  ...goals("native", perP("p99"), 1.1, shortConnections),
  ...goals("native", ["messages", ...connections], 1.0, shortConnections),
  ...goals("native", ["websocket-throughput", "websocket-upgrades"], 1.0, "0100-taught-upgrades.md"),
  ...goals("native", ["websocket-round-trip/p50"], 1.0, shortConnections),
  ...goals("native", ["memory-held"], 16, "0052-what-a-connection-costs.md", [null]),
  ...goals("javascript", throughputs, 1.3, window),
  ...goals("javascript", perP("p50"), 1.2, window),
  ...goals("javascript", ["messages"], 0.7, window),
  ...goals("javascript", connections, 0.55, window),
  ...(["native", "javascript"] as const).flatMap((of) => [
    ...goals(of, ["watching-throughput", "watching-messages", "watching-connections"], 0.97, looks, [null]),
    ...goals(of, ["watching-round-trip"], 1.03, looks, [null]),
    ...goals(of, ["watching-loop-delay"], 10, looks, [null]),
  ]),
];

function valuesOf(series: readonly Series[], forwarder: string): Series["values"] {
  return series.find((one) => one.forwarder === forwarder)?.values ?? [];
}

/** One goal of one forwarder; null where either was not measured. */
export function judge(goal: Goal, figure: FigureResult, forwarder: string): Verdict | null {
  const own = valuesOf(figure.series, forwarder);
  const found =
    goal.peer === null
      ? summarise(own.filter((value) => value !== null))
      : pairedRatio(own, valuesOf(figure.series, goal.peer));
  if (!found) return null;
  const { median: reached, interval } = found;
  const isMet = figure.better === "more" ? reached >= goal.limit : reached <= goal.limit;
  const isSettled = goal.limit < interval.from || goal.limit > interval.to;
  return { goal, forwarder, reached, interval, isMet, isSettled };
}

export function judgeAll(
  figures: readonly FigureResult[],
  forwarders: readonly { readonly name: string; readonly goals: Goal["of"] | null }[],
): readonly Verdict[] {
  return issueGoals.flatMap((goal) =>
    figures
      .filter(({ id }) => id === goal.figure)
      .flatMap((figure) =>
        forwarders
          .filter((one) => one.goals === goal.of)
          .flatMap(({ name }) => judge(goal, figure, name) ?? []),
      ),
  );
}
