/** What a connection costs in memory: held and idle, and held while its client does not read. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Forwarder, RunningForwarder } from "../forwarders/forwarder.ts";
import { treeMemoryKiB } from "../process-tree.ts";
import { rotated } from "../statistics.ts";
import { startBehind, tried, type FigureResult } from "../rounds.ts";
import { collect, type Study, type StudyOptions } from "./study.ts";

const connections = 2_000;
/** socat takes a process for each, and ssh longer for each the more there are: so many show what one costs. */
const fewer: Readonly<Record<string, number>> = { socat: 100, ssh: 500 };
const most = 3;
/** Opened and closed first, so that what is needed once is there before counting. */
const warmUpShare = 0.05;
const settleMs = 1_000;

interface MemoryOptions extends Pick<StudyOptions, "generator" | "cpus"> {
  readonly count: number;
}

/** KiB a connection, held idle and held full. Every value comes from a fresh process: a used one has room to reuse. */
export async function measureMemory(
  forwarder: Forwarder,
  options: MemoryOptions,
): Promise<{ readonly held: number; readonly stalled: number }> {
  const alone = async (more: string) => {
    const running = await startBehind(forwarder, options.generator, {
      cpu: options.cpus.forwarder,
      paths: 0,
    });
    try {
      return await growth(running, options, more);
    } finally {
      await running.stop();
    }
  };
  return { held: await alone(""), stalled: await alone("fill=1") };
}

async function growth(
  { rawPort, pids }: RunningForwarder,
  { generator, count }: MemoryOptions,
  more: string,
): Promise<number> {
  await generator.hold(`port=${rawPort} links=${Math.ceil(count * warmUpShare)}`);
  await generator.release();
  await sleep(settleMs);
  const before = treeMemoryKiB(pids);
  const { held, failures, failure } = await generator.hold(`port=${rawPort} links=${count} ${more}`);
  await sleep(settleMs);
  const after = treeMemoryKiB(pids);
  await generator.release();
  if (failures > 0 || held !== count) throw new Error(`only ${held} of ${count} were held: ${failure}`);
  return (after - before) / count;
}

async function run(options: StudyOptions): Promise<readonly FigureResult[]> {
  const { forwarders, rounds, say } = options;
  const collected = collect();
  for (let round = 0; round < Math.min(most, rounds); round++) {
    say(`memory, round ${round + 1} of ${Math.min(most, rounds)}`);
    for (const forwarder of rotated(forwarders, round)) {
      if (forwarder.name === "direct") continue;
      const count = fewer[forwarder.name] ?? connections;
      const found = await tried(`memory of ${forwarder.name}`, say, () =>
        measureMemory(forwarder, { ...options, count }),
      );
      collected.add("memory-held", forwarder.name, found?.held ?? null);
      collected.add("memory-stalled", forwarder.name, found?.stalled ?? null);
    }
  }
  const common = { section: "Memory", unit: "KiB", better: "less" } as const;
  const exceptions = Object.entries(fewer).map(([name, count]) => `${name}: ${count}`);
  const at = `at ${connections.toLocaleString("en-US")} (${exceptions.join(", ")})`;
  return [
    collected.result({ ...common, id: "memory-held", title: `a held connection, ${at}` }),
    collected.result({
      ...common,
      id: "memory-stalled",
      title: `a connection whose client does not read, ${at}`,
    }),
  ];
}

export const memory: Study = { id: "memory", isQuick: false, run };
