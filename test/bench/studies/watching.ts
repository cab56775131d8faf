/** What an open UI costs: the same measures on the same Shunt, with and without a reader of the live feed. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { root } from "../../../scripts/setup/paths.mjs";
import { newFolder, removeFolder } from "../folders.ts";
import type { Forwarder, RunningForwarder } from "../forwarders/forwarder.ts";
import { startShuntServe } from "../forwarders/shunt.ts";
import { startGenerator, within } from "../generator.ts";
import { freePort } from "../../support/free-port.ts";
import { descendants } from "../process-tree.ts";
import { startBehind, takeMeasure, tried, type FigureResult } from "../rounds.ts";
import { collect, type Collected, type Study, type StudyOptions } from "./study.ts";

const held = 5_000;
/** Messages a second over all of them, so that there is something to see. */
const trickle = 1_000;
const token = "bench-0123456789abcdef0123456789abcdef";
const patienceMs = 20_000;

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

interface Watcher {
  /** Change sets seen so far. */
  readonly changes: () => number;
  close(): Promise<void>;
}

/** Reads the live feed as the UI's page does. */
async function watch(port: number): Promise<Watcher> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`, { perMessageDeflate: false });
  let changes = 0;
  socket.on("message", (data: Buffer) => {
    if (data.includes('"type":"changes"')) changes++;
  });
  socket.on("error", () => undefined);
  const opened = new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  await within(opened, patienceMs, () => "the live feed does not open");
  socket.send(JSON.stringify({ token }));
  return {
    changes: () => changes,
    close: async () => {
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.terminate();
      await closed;
    },
  };
}

/** How late the event loop was since the last look, in ms at p99. */
async function loopDelayMs(pid: number, file: string): Promise<number> {
  rmSync(file, { force: true });
  for (const one of descendants(pid)) process.kill(one, "SIGUSR2");
  const giveUp = Date.now() + patienceMs;
  for (;;) {
    try {
      return Number(readFileSync(file, "utf8"));
    } catch {
      if (Date.now() > giveUp) throw new Error("the event loop does not tell its delay");
      await sleep(20);
    }
  }
}

export interface WatchingOptions extends Pick<StudyOptions, "generator" | "cpus" | "ms" | "say" | "rounds"> {
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

/** Half of the rounds begin watched, half unwatched. */
async function watchRound(options: RoundOptions): Promise<void> {
  const { running, generator, ms, ui, delayFile, collected, forwarder, round } = options;
  const [pid = 0] = running.pids;
  const values = new Map<string, number>();
  for (const isWatched of round % 2 === 0 ? [false, true] : [true, false]) {
    const watcher = isWatched ? await watch(ui) : null;
    await loopDelayMs(pid, delayFile);
    for (const { id, order, figure } of watched) {
      const { answer } = await takeMeasure({ order, through: "raw" }, { running, generator, ms });
      values.set(`${id} ${isWatched}`, figure === "p50" ? answer.p50 : answer.units / answer.seconds);
    }
    if (!watcher) continue;
    collected.add("watching-loop-delay", forwarder.name, await loopDelayMs(pid, delayFile));
    if (watcher.changes() === 0) throw new Error("the live feed showed no change");
    await watcher.close();
  }
  for (const { id } of watched)
    collected.add(id, forwarder.name, (values.get(`${id} true`) ?? NaN) / (values.get(`${id} false`) ?? NaN));
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
    ...watched.map(({ id, title, figure }) =>
      collected.result({ id, title, section, unit: "×", better: figure === "p50" ? "less" : "more" }),
    ),
    collected.result({
      ...{ id: "watching-loop-delay", title: "watched: event loop delay, p99", section },
      ...{ unit: "ms", better: "less" },
    }),
  ];
}

export const watching: Study = { id: "watching", isQuick: false, run };
