/** What an open UI costs: the same measures on the same Shunt, with and without a reader of the live feed. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../../scripts/setup/paths.mjs";
import { newFolder, removeFolder } from "../folders.ts";
import type { Forwarder, RunningForwarder } from "../forwarders/forwarder.ts";
import { startShuntServe } from "../forwarders/shunt.ts";
import { startGenerator } from "../generator.ts";
import { freePort } from "../../support/free-port.ts";
import { startBehind, takeMeasure, tried, warmUp, type FigureResult } from "../rounds.ts";
import { mean, median } from "../statistics.ts";
import { loopDelayMs, token, watch, type Watcher } from "./live-reader.ts";
import { collect, type Collected, type Study, type StudyOptions } from "./study.ts";

const held = 5_000;
/** Messages a second over all of them, so that there is something to see. */
const trickle = 1_000;
/** What a reader is sent first is all 5,000 at once: that is over before anything is measured. */
const settleMs = 300;
/** Unwatched or watched, of each measure in each round: near enough to each other to have the machine's mood in common. */
const turns = [false, true, true, false, false, true, true, false];

const watched = [
  {
    id: "watching-throughput",
    title: "watched: throughput down",
    order: "throughput down=1",
    figure: "rate",
  },
  {
    id: "watching-messages",
    title: "watched: messages",
    order: "messages size=200 links=4 window=16",
    figure: "rate",
  },
  {
    id: "watching-connections",
    title: "watched: connections, 16 at a time",
    order: "connections links=16 limit=4000",
    figure: "rate",
  },
  {
    id: "watching-round-trip",
    title: "watched: round trip p50, 200 B",
    order: "round-trips size=200",
    figure: "p50",
  },
] as const;

interface WatchingOptions extends Pick<StudyOptions, "generator" | "cpus" | "ms" | "say" | "rounds"> {
  readonly held: number;
}

/** Adds the ratios with to without, and the loop's delay while watched, of one variant of Shunt. */
export async function measureWatching(
  forwarder: Forwarder,
  options: WatchingOptions,
  collected: Collected,
): Promise<void> {
  const folder = newFolder();
  const [ui, delayFile] = [await freePort(), join(folder, "loop-delay")];
  // Held by another generator, backends included: the measures' own must find nothing but what they have opened.
  const holder = await startGenerator(options.cpus.generator);
  const [heldRoutePort, heldBackendPort] = [await freePort(), await holder.listen()];
  const env = {
    ...forwarder.env,
    SHUNT_TOKEN: token,
    SHUNT_BENCH_LOOP_DELAY: delayFile,
    NODE_OPTIONS: `--require ${join(root, "test/bench/studies/loop-delay.cjs")}`,
  };
  const served = {
    ...forwarder,
    start: (setting: Parameters<Forwarder["start"]>[0]) =>
      startShuntServe(setting, env, { ui, heldRoutePort, heldBackendPort }),
  };
  const running = await startBehind(served, options.generator, { cpu: options.cpus.forwarder, paths: 0 });
  try {
    await holder.hold(`port=${heldRoutePort} links=${options.held} trickle=${trickle}`);
    await warmUp(running, options.generator, "raw");
    for (let round = 0; round < options.rounds; round++)
      await watchRound({ ...options, forwarder, running, ui, delayFile, collected, round });
  } finally {
    await holder.stop();
    await running.stop();
    removeFolder(folder);
  }
}

interface RoundOptions extends WatchingOptions {
  readonly forwarder: Forwarder;
  readonly running: RunningForwarder;
  readonly ui: number;
  readonly delayFile: string;
  readonly collected: Collected;
  readonly round: number;
}

/** Of one measure, watched or not: over all its turns in a round. */
interface Sums {
  units: number;
  seconds: number;
  allUnits: number;
  cpuSeconds: number;
  readonly p50s: number[];
}

const noSums = (): Sums => ({ units: 0, seconds: 0, allUnits: 0, cpuSeconds: 0, p50s: [] });

/** Each measure in turns; every other round begins watched. */
async function watchRound(options: RoundOptions): Promise<void> {
  const { running, ui, delayFile, collected, forwarder, round } = options;
  const [pid = 0] = running.pids;
  const delaysMs: number[] = [];
  for (const measure of watched) {
    const sums = { watched: noSums(), alone: noSums() };
    let watcher: Watcher | null = null;
    for (const turn of turns) {
      const isWatched = turn !== (round % 2 === 1);
      if (isWatched && !watcher) {
        watcher = await watch(ui);
        await sleep(settleMs);
        await loopDelayMs(pid, delayFile);
      } else if (!isWatched && watcher) {
        delaysMs.push(await endWatching(watcher, pid, delayFile));
        watcher = null;
      }
      await addTurn(measure.order, options, isWatched ? sums.watched : sums.alone);
    }
    if (watcher) delaysMs.push(await endWatching(watcher, pid, delayFile));
    addRatios(measure, sums, (id, ratio) => collected.add(id, forwarder.name, ratio));
  }
  collected.add("watching-loop-delay", forwarder.name, mean(delaysMs));
}

async function endWatching(watcher: Watcher, pid: number, delayFile: string): Promise<number> {
  const delayMs = await loopDelayMs(pid, delayFile);
  if (watcher.changes() === 0) throw new Error("the live feed showed no change");
  await watcher.close();
  return delayMs;
}

async function addTurn(order: string, options: RoundOptions, sums: Sums): Promise<void> {
  const { running, generator, ms } = options;
  const { answer, cpuSeconds } = await takeMeasure({ order, through: "raw" }, { running, generator, ms });
  sums.units += answer.units;
  sums.seconds += answer.seconds;
  sums.allUnits += answer.allUnits;
  sums.cpuSeconds += cpuSeconds ?? 0;
  sums.p50s.push(answer.p50);
}

/** Watched to unwatched: what the measure is about, and its processor time. */
function addRatios(
  { id, figure }: (typeof watched)[number],
  sums: { readonly watched: Sums; readonly alone: Sums },
  add: (id: string, ratio: number) => void,
): void {
  const ratioOf = (value: (of: Sums) => number) => value(sums.watched) / value(sums.alone);
  if (figure === "p50")
    return add(
      id,
      ratioOf(({ p50s }) => median(p50s)),
    );
  add(
    id,
    ratioOf((of) => of.units / of.seconds),
  );
  add(
    `${id}/cpu`,
    ratioOf((of) => of.cpuSeconds / of.allUnits),
  );
}

async function run(options: StudyOptions): Promise<readonly FigureResult[]> {
  const collected = collect();
  for (const forwarder of options.forwarders.filter(({ env }) => env !== undefined)) {
    options.say(`watching ${forwarder.name}`);
    await tried(`watching ${forwarder.name}`, options.say, () =>
      measureWatching(forwarder, { ...options, held }, collected),
    );
  }
  const section = `Cost of watching: with an open live feed to without, ${held.toLocaleString("en-US")} connections held`;
  return [
    ...watched.flatMap(({ id, title, figure }) => [
      collected.result({ id, title, section, unit: "×", better: figure === "p50" ? "less" : "more" }),
      // One round trip at a time leaves Shunt waiting most of the time: per unit, all else that it does would count.
      ...(figure === "p50"
        ? []
        : [
            collected.result({
              ...{ id: `${id}/cpu`, title: `${title}: processor time per unit`, section },
              ...{ unit: "×", better: "less" },
            }),
          ]),
    ]),
    collected.result({
      ...{ id: "watching-loop-delay", title: "watched: event loop delay, p99", section },
      ...{ unit: "ms", better: "less" },
    }),
  ];
}

export const watching: Study = { id: "watching", isQuick: false, run };
