/** The bench: arguments, forwarders, rounds, studies, report. */
import { availableParallelism } from "node:os";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { root, userFolder } from "../../scripts/setup/paths.mjs";
import { parseBenchArguments, type BenchOptions } from "./arguments.ts";
import { killChildren, stopChildren } from "./children.ts";
import { removeFolders } from "./folders.ts";
import { findForwarders } from "./forwarders/table.ts";
import { startGenerator } from "./generator.ts";
import { describeMachine } from "./machine.ts";
import { measures, type Measure } from "./measures.ts";
import { drawPicture } from "./picture.ts";
import { renderReport, type Report } from "./report.ts";
import { runRounds, type Cpus, type FigureResult } from "./rounds.ts";
import { runStudies } from "./studies/studies.ts";

const longestRunMs = 80 * 60_000;

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

/** One processor for the generator, another for whichever forwarder is measured. */
function chooseCpus(isPinned: boolean): Cpus {
  const count = availableParallelism();
  return isPinned && count > 1 ? { generator: 0, forwarder: 1 } : { generator: null, forwarder: null };
}

function isChosen(options: BenchOptions, { id, isQuick }: Pick<Measure, "id" | "isQuick">): boolean {
  if (options.only !== null) return options.only.some((name) => id.startsWith(name));
  return !options.isQuick || isQuick;
}

async function measureAll(options: BenchOptions): Promise<Report> {
  const machine = describeMachine();
  const cpus = chooseCpus(options.isPinned);
  const table = await findForwarders(options.forwarders);
  for (const { name, why } of table.missing) say(`${name} is left out: ${why}`);
  const generator = await startGenerator(cpus.generator);
  const common = {
    forwarders: table.forwarders,
    generator,
    cpus,
    say,
    ms: options.ms,
    rounds: options.rounds,
  };
  const chosen = measures.filter((measure) => isChosen(options, measure));
  const figures: FigureResult[] = [];
  if (chosen.length > 0) figures.push(...(await runRounds({ ...common, measures: chosen })));
  figures.push(...(await runStudies(common, (study) => isChosen(options, study))));
  await generator.stop();
  if (figures.length === 0) throw new Error("nothing was measured; --help names measures and forwarders");
  return {
    ...{ machine, cpus, figures, rounds: options.rounds, ms: options.ms, isQuick: options.isQuick },
    hasNative: table.hasNative,
    missing: table.missing,
    forwarders: table.forwarders.map(({ name, label, version, goals }) => ({ name, label, version, goals })),
  };
}

async function main(): Promise<number> {
  const options = parseBenchArguments(process.argv.slice(2), join(root, "docs"));
  if ("exit" in options) {
    (options.exit === 0 ? process.stdout : process.stderr).write(options.text);
    return options.exit;
  }
  const report = await measureAll(options);
  const text = renderReport(report);
  process.stdout.write(text);
  if (options.json)
    writeFileSync(resolve(userFolder(), options.json), `${JSON.stringify(report, null, 2)}\n`);
  if (options.out) {
    const folder = resolve(userFolder(), options.out);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "bench.md"), text);
    writeFileSync(join(folder, "bench.svg"), drawPicture(report));
    say(`written: ${join(folder, "bench.md")} and bench.svg`);
  }
  return 0;
}

// Not `once`: a Ctrl-C may reach this process twice, by its group and passed on by npm, and the second would cut the exit short.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
process.on("exit", () => {
  killChildren();
  removeFolders();
});
setTimeout(() => {
  say("this takes too long; ending");
  process.exit(1);
}, longestRunMs).unref();
try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
await stopChildren();
