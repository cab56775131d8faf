/** Runs measures in rounds: in each, every forwarder once per measure, in an order that rotates. */
import { newFolder, removeFolder } from "./folders.ts";
import type { Forwarder, RunningForwarder, Setting } from "./forwarders/forwarder.ts";
import type { Answer, Generator } from "./generator.ts";
import { warmUps, type Measure } from "./measures.ts";
import { treeCpuSeconds } from "./process-tree.ts";
import { rotated } from "./statistics.ts";

/** One forwarder's value of one figure in every round; null where that round has none. */
export interface Series {
  readonly forwarder: string;
  readonly values: readonly (number | null)[];
}

export interface FigureResult {
  readonly id: string;
  readonly title: string;
  readonly section: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly series: readonly Series[];
  /** For which share of the time the generator had something to do, by forwarder and round; empty where that is no limit. */
  readonly generatorShare: readonly Series[];
}

export interface Cpus {
  readonly generator: number | null;
  readonly forwarder: number | null;
}

/** A forwarder with a backend of its own, since every pair of addresses has just so many ports. */
export async function startBehind<Running extends RunningForwarder>(
  forwarder: { start(setting: Setting): Promise<Running> },
  generator: Generator,
  options: Pick<Setting, "cpu" | "paths">,
): Promise<Running> {
  const folder = newFolder();
  try {
    const running = await forwarder.start({ ...options, folder, backendPort: await generator.listen() });
    return {
      ...running,
      async stop() {
        await running.stop();
        removeFolder(folder);
      },
    };
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
}

/** What a step gives, or null and a line about why not: one forwarder's failure does not end the others' run. */
export async function tried<T>(
  what: string,
  say: (line: string) => void,
  step: () => Promise<T>,
): Promise<T | null> {
  try {
    return await step();
  } catch (error) {
    say(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

interface Taken {
  readonly answer: Answer;
  readonly cpuSeconds: number | null;
}

/** One measure of one forwarder; throws where a connection failed on the way. */
export async function takeMeasure(
  measure: Pick<Measure, "order" | "through">,
  {
    running,
    generator,
    ms,
  }: { readonly running: RunningForwarder; readonly generator: Generator; readonly ms: number },
): Promise<Taken> {
  const port = measure.through === "raw" ? running.rawPort : running.httpPort;
  const before = treeCpuSeconds(running.pids);
  const answer = await generator.measure(`${measure.order} port=${port} warm=${Math.round(ms / 5)} ms=${ms}`);
  const cpuSeconds = treeCpuSeconds(running.pids) - before;
  if (answer.failures > 0) throw new Error(`${answer.failures} connections failed: ${answer.failure}`);
  if (answer.units === 0) throw new Error("nothing came through");
  return { answer, cpuSeconds: running.pids.length === 0 ? null : cpuSeconds };
}

/** Lets a forwarder carry what it will, before anything counts. */
export async function warmUp(
  running: RunningForwarder,
  generator: Generator,
  through: Measure["through"],
): Promise<void> {
  for (const { order, ms } of warmUps[through])
    await takeMeasure({ order, through }, { running, generator, ms });
}

interface RoundsOptions {
  readonly forwarders: readonly Forwarder[];
  readonly measures: readonly Measure[];
  readonly generator: Generator;
  readonly cpus: Cpus;
  readonly rounds: number;
  /** How long each measure counts. */
  readonly ms: number;
  readonly say: (line: string) => void;
}

export async function runRounds(options: RoundsOptions): Promise<readonly FigureResult[]> {
  const { forwarders, measures, generator, cpus, rounds, say } = options;
  const running = new Map<string, RunningForwarder>();
  const taken = new Map<string, (Taken | null)[]>();
  try {
    for (const forwarder of forwarders) {
      const started = await tried(forwarder.name, say, () =>
        startBehind(forwarder, generator, { cpu: cpus.forwarder, paths: 0 }),
      );
      if (started) running.set(forwarder.name, started);
    }
    const through = (["raw", "paths"] as const).filter((way) => measures.some((one) => one.through === way));
    for (const [name, proxy] of running)
      for (const way of through.filter((one) => one === "raw" || proxy.httpPort !== null))
        await tried(`warming up ${name}`, say, () => warmUp(proxy, generator, way));
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      for (const measure of measures)
        for (const { name } of rotated(capable(forwarders, measure), round)) {
          const key = `${measure.id} ${name}`;
          const values = taken.get(key) ?? [];
          const proxy = running.get(name);
          const value = proxy
            ? await tried(key, say, () => takeMeasure(measure, { running: proxy, generator, ms: options.ms }))
            : null;
          taken.set(key, [...values, value]);
        }
    }
  } finally {
    await Promise.all([...running.values()].map((one) => one.stop()));
  }
  return measures.flatMap((measure) => resultsOf(measure, capable(forwarders, measure), taken));
}

function capable(forwarders: readonly Forwarder[], measure: Measure): readonly Forwarder[] {
  return forwarders.filter(({ hasPaths }) => measure.through === "raw" || hasPaths);
}

function resultsOf(
  measure: Measure,
  forwarders: readonly Forwarder[],
  taken: ReadonlyMap<string, readonly (Taken | null)[]>,
): readonly FigureResult[] {
  const seriesOf = (value: (sample: Taken) => number | null): readonly Series[] =>
    forwarders.map(({ name }) => ({
      forwarder: name,
      values: (taken.get(`${measure.id} ${name}`) ?? []).map((sample) => (sample ? value(sample) : null)),
    }));
  return measure.figures.map(({ id, title, unit, better, of }) => ({
    ...{ id, title, unit, better, section: measure.section },
    series: seriesOf(of),
    // One round trip at a time leaves the generator waiting; processor time per unit does not depend on it.
    generatorShare: id.includes("/")
      ? []
      : seriesOf(({ answer }) => (answer.ranSeconds + answer.waitedSeconds) / answer.seconds),
  }));
}
