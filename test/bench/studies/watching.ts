/** What an open UI costs: the same measures on the same Shunt, with and without a reader of the live feed. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../../scripts/setup/paths.mjs";
import { newFolder, removeFolder } from "../folders.ts";
import type { Forwarder, RunningForwarder } from "../forwarders/forwarder.ts";
import { startShuntServe, type PortPair } from "../forwarders/shunt.ts";
import { startGenerator, type Course } from "../generator.ts";
import { freePort } from "../../support/free-port.ts";
import { treeThreadsSeconds } from "../process-tree.ts";
import { startBehind, tried, warmUp, type FigureResult } from "../rounds.ts";
import { loopDelayMs, token, watch } from "./live-reader.ts";
import { collect, type Collected, type Study, type StudyOptions } from "./study.ts";
import { figuresWithin, type Window, type WindowFigures } from "./windows.ts";

const held = 5_000;
/** Messages a second over all of them, so that there is something to see. */
const trickle = 1_000;
/** What a reader is sent first is all 5,000 at once: that is over before anything is measured, and so is its end. */
const openedMs = 250;
const closedMs = 50;
/** Of each measure in each round. */
const blocks = 5;
/** A look's distance at 4 Hz: unwatched for one, watched for two, unwatched for one, while the measure's connections stay. */
const lookMs = 250;
const sliceMs = 10;
const warmMs = 100;
/**
 * Of routes and backends that connections go through in turns: a closed connection keeps its port for a second at least, and the system
 * finds another at once only among 14,000.
 */
const pairs = 4;
/** A measure is ended before. */
const longestMs = 60_000;

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
    order: "connections links=16",
    figure: "rate",
  },
  {
    id: "watching-round-trip",
    title: "watched: round trip p50, 200 B",
    order: "round-trips size=200",
    figure: "p50",
  },
] as const;

interface WatchingOptions extends Pick<StudyOptions, "generator" | "cpus" | "say" | "rounds"> {
  readonly held: number;
  readonly blocks: number;
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
  const kept = { routePort: await freePort(), backendPort: await holder.listen() };
  const turns: PortPair[] = [];
  while (turns.length < pairs)
    turns.push({ routePort: await freePort(), backendPort: await options.generator.listen() });
  const env = {
    ...forwarder.env,
    SHUNT_TOKEN: token,
    SHUNT_BENCH_LOOP_DELAY: delayFile,
    NODE_OPTIONS: `--require ${join(root, "test/bench/studies/loop-delay.cjs")}`,
  };
  const served = {
    ...forwarder,
    start: (setting: Parameters<Forwarder["start"]>[0]) =>
      startShuntServe(setting, env, { ui, pairs: [kept, ...turns] }),
  };
  const running = await startBehind(served, options.generator, { cpu: options.cpus.forwarder, paths: 0 });
  try {
    await holder.hold(`port=${kept.routePort} links=${options.held} trickle=${trickle}`);
    await warmUp(running, options.generator, "raw");
    const ports = turns.map(({ routePort }) => routePort);
    for (let round = 0; round < options.rounds; round++)
      await watchRound({ ...options, forwarder, running, ports, ui, delayFile, collected });
  } finally {
    await holder.stop();
    await running.stop();
    removeFolder(folder);
  }
}

interface RoundOptions extends WatchingOptions {
  readonly forwarder: Forwarder;
  readonly running: RunningForwarder;
  /** Each another way through the same Shunt. */
  readonly ports: readonly number[];
  readonly ui: number;
  readonly delayFile: string;
  readonly collected: Collected;
}

/** One time unwatched, watched, unwatched. */
interface Block {
  readonly seen: Window;
  readonly alone: readonly [Window, Window];
  readonly delayMs: number;
}

async function watchRound(options: RoundOptions): Promise<void> {
  const { ports, generator, collected, forwarder, blocks } = options;
  for (const measure of watched) {
    const course = generator.begin(
      `${measure.order} ${ports.map((port) => `port=${port}`).join(" ")} warm=${warmMs} ms=${longestMs} slice=${sliceMs}`,
    );
    // Until its first slice has begun.
    await sleep(warmMs + openedMs);
    const taken: Block[] = [];
    let told: Course;
    try {
      for (let block = 0; block < blocks; block++) taken.push(await takeBlock(options));
    } finally {
      told = await course.end();
    }
    if (told.failures > 0) throw new Error(`${told.failures} connections failed: ${told.failure}`);
    for (const { seen, alone, delayMs } of taken) {
      addRatios(measure, figuresWithin(told, [seen]), figuresWithin(told, alone), (id, ratio) =>
        collected.add(id, forwarder.name, ratio),
      );
      collected.add("watching-loop-delay", forwarder.name, delayMs);
    }
  }
}

async function takeBlock({ running, ui, delayFile }: RoundOptions): Promise<Block> {
  const [pid = 0] = running.pids;
  const before = await takeWindow(running, lookMs);
  const watcher = await watch(ui);
  await sleep(openedMs);
  await loopDelayMs(pid, delayFile);
  const seen = await takeWindow(running, 2 * lookMs);
  const delayMs = await loopDelayMs(pid, delayFile);
  if (watcher.changes() === 0) throw new Error("the live feed showed no change");
  await watcher.close();
  await sleep(closedMs);
  return { seen, alone: [before, await takeWindow(running, lookMs)], delayMs };
}

async function takeWindow({ pids }: RunningForwarder, ms: number): Promise<Window> {
  const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
  const cpuBefore = treeThreadsSeconds(pids);
  const fromMs = nowMs();
  await sleep(ms);
  const toMs = nowMs();
  return { fromMs, toMs, cpuSeconds: treeThreadsSeconds(pids) - cpuBefore };
}

/** Watched to unwatched: what the measure is about, and its processor time. */
function addRatios(
  { id, figure }: (typeof watched)[number],
  seen: WindowFigures,
  alone: WindowFigures,
  add: (id: string, ratio: number) => void,
): void {
  if (figure === "p50") return add(id, seen.p50 / alone.p50);
  add(id, seen.perSecond / alone.perSecond);
  add(`${id}/cpu`, seen.cpuPerUnit / alone.cpuPerUnit);
}

async function run(options: StudyOptions): Promise<readonly FigureResult[]> {
  const collected = collect();
  for (const forwarder of options.forwarders.filter(({ env }) => env !== undefined)) {
    options.say(`watching ${forwarder.name}`);
    await tried(`watching ${forwarder.name}`, options.say, () =>
      measureWatching(forwarder, { ...options, held, blocks }, collected),
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
