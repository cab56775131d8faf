/** What an open UI costs: the same measures on the same Shunt, with and without a reader of the live feed, or the window. */
import { setTimeout as sleep } from "node:timers/promises";
import type {
  Forwarder,
  PortPair,
  RunningForwarder,
  WatchedForwarder,
  Watching,
} from "../forwarders/forwarder.ts";
import { startGenerator, type Course } from "../generator.ts";
import { freePort } from "../../support/free-port.ts";
import { treeThreadsSeconds } from "../process-tree.ts";
import { startBehind, tried, warmUp, type FigureResult } from "../rounds.ts";
import { collect, type Collected, type Study, type StudyOptions } from "./study.ts";
import { figuresWithin, type Window, type WindowFigures } from "./windows.ts";

const held = 5_000;
/** Messages a second over all of them, so that there is something to see. */
const trickle = 1_000;
const sliceMs = 10;
const warmMs = 100;
/** A measure's first second is a little faster than all that follow. */
const startMs = 1_000;
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

interface WatchingOptions extends Pick<StudyOptions, "generator" | "cpus" | "rounds"> {
  readonly held: number;
}

type WatchableForwarder = Pick<Forwarder, "name"> & { readonly watching: Watching };

/** Adds the ratios with to without, and the loop's delay while watched, of one variant of Shunt. */
export async function measureWatching(
  { name, watching }: WatchableForwarder,
  options: WatchingOptions,
  collected: Collected,
): Promise<void> {
  // Held by another generator, backends included: the measures' own must find nothing but what they have opened.
  const holder = await startGenerator(options.cpus.generator);
  const kept = { routePort: await freePort(), backendPort: await holder.listen() };
  const turns: PortPair[] = [];
  while (turns.length < pairs)
    turns.push({ routePort: await freePort(), backendPort: await options.generator.listen() });
  const running = await startBehind(
    { start: (setting) => watching.start(setting, [kept, ...turns]) },
    options.generator,
    { cpu: options.cpus.forwarder, paths: 0 },
  );
  try {
    await holder.hold(`port=${kept.routePort} links=${options.held} trickle=${trickle}`);
    await warmUp(running, options.generator, "raw");
    const ports = turns.map(({ routePort }) => routePort);
    for (let round = 0; round < options.rounds; round++)
      await watchRound({ ...options, name, watching, running, ports, collected });
  } finally {
    await holder.stop();
    await running.stop();
  }
}

interface RoundOptions extends WatchingOptions {
  readonly name: string;
  readonly watching: Watching;
  readonly running: WatchedForwarder;
  /** Each another way through the same Shunt. */
  readonly ports: readonly number[];
  readonly collected: Collected;
}

/** One time unwatched, watched, unwatched. */
interface Block {
  readonly seen: Window;
  readonly alone: readonly [Window, Window];
  readonly delayMs: number;
}

async function watchRound(options: RoundOptions): Promise<void> {
  const { ports, generator, collected, name, watching } = options;
  for (const measure of watched) {
    const course = generator.begin(
      `${measure.order} ${ports.map((port) => `port=${port}`).join(" ")} warm=${warmMs} ms=${longestMs} slice=${sliceMs}`,
    );
    await sleep(warmMs + startMs);
    const taken: Block[] = [];
    let told: Course;
    try {
      for (let block = 0; block < watching.blocks; block++) taken.push(await takeBlock(options));
    } finally {
      told = await course.end();
    }
    if (told.failures > 0) throw new Error(`${told.failures} connections failed: ${told.failure}`);
    for (const { seen, alone, delayMs } of taken) {
      addRatios(measure, figuresWithin(told, [seen]), figuresWithin(told, alone), (id, ratio) =>
        collected.add(id, name, ratio),
      );
      collected.add("watching-loop-delay", name, delayMs);
    }
  }
}

async function takeBlock({ running, watching }: RoundOptions): Promise<Block> {
  const { openedMs, closedMs, stretchMs } = watching;
  const before = await takeWindow(running, stretchMs);
  const look = await running.look();
  await sleep(openedMs);
  await running.loopDelayMs();
  const seen = await takeWindow(running, 2 * stretchMs);
  const delayMs = await running.loopDelayMs();
  if (!(await look.hasSeenChanges())) throw new Error("nothing was seen to change");
  await look.end();
  await sleep(closedMs);
  return { seen, alone: [before, await takeWindow(running, stretchMs)], delayMs };
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
  for (const { name, watching } of options.forwarders) {
    if (!watching) continue;
    options.say(`watching ${name}`);
    await tried(`watching ${name}`, options.say, () =>
      measureWatching({ name, watching }, { ...options, held }, collected),
    );
  }
  const section = `Cost of watching: with the live feed or the window open to without, ${held.toLocaleString("en-US")} connections held`;
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
