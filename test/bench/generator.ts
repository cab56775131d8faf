/** The load generator: compiled when needed, run as a child, spoken to in lines (test/bench/generator/generator.c). */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { run } from "../../scripts/setup/child.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { startChild } from "./children.ts";

const sources = join(root, "test/bench/generator");
const cache = join(root, "node_modules/.cache/shunt-bench");
const compileTimeoutMs = 60_000;
/** Beyond what an order says that it takes: opening, ending, a busy machine. */
const graceMs = 120_000;

/** What the generator says about a measure; rates are over `seconds`, `allUnits` over warming up too. */
export interface Answer {
  readonly seconds: number;
  readonly units: number;
  readonly allUnits: number;
  /** Of the generator, within `seconds`: on a processor, and wanting one that others had. */
  readonly ranSeconds: number;
  readonly waitedSeconds: number;
  readonly failures: number;
  readonly failure: string;
  readonly samples: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Of a slice of a measure: ms after `startedMs` at its end, units, and the median of its samples in microseconds. */
export type Slice = readonly [endMs: number, units: number, p50: number];

/** A measure slice by slice. */
export interface Course extends Answer {
  /** On the system's monotonic clock, as `process.hrtime` has it. */
  readonly startedMs: number;
  readonly slices: readonly Slice[];
}

/** A measure that goes on until it is ended. */
interface RunningMeasure {
  end(): Promise<Course>;
}

interface Held {
  readonly held: number;
  readonly bytes: number;
  readonly failures: number;
  readonly failure: string;
}

export interface Generator {
  readonly pid: number;
  /** A backend on a port of its own; it echoes between measures. */
  listen(): Promise<number>;
  measure(order: string): Promise<Answer>;
  /** The same with `slice=MS` in its order, for a minute at most. */
  begin(order: string): RunningMeasure;
  hold(order: string): Promise<Held>;
  release(): Promise<{ readonly failures: number; readonly failure: string }>;
  stop(): Promise<void>;
}

/** Compiles the generator, unless these very sources have been compiled; returns the program. */
async function compileGenerator(): Promise<string> {
  const files = readdirSync(sources).filter((name) => /\.[ch]$/.test(name));
  const hash = createHash("sha256");
  for (const name of files) hash.update(name).update(readFileSync(join(sources, name)));
  const program = join(cache, `generator-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  const inputs = files.filter((name) => name.endsWith(".c")).map((name) => join(sources, name));
  const end = await run("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", unfinished, ...inputs], {
    timeoutMs: compileTimeoutMs,
  });
  if (end.code !== 0) throw new Error(`the load generator could not be compiled: ${end.output.trim()}`);
  renameSync(unfinished, program);
  return program;
}

export async function startGenerator(cpu: number | null): Promise<Generator> {
  const child = startChild({ command: await compileGenerator(), args: [], cpu });
  const { stdin, stdout } = child.process;
  if (!stdin || !stdout) throw new Error("the load generator has no pipes");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const ask = async <T extends object>(order: string): Promise<T> => {
    stdin.write(`${order}\n`);
    const said = Number(/\bms=(\d+)/.exec(order)?.[1] ?? 0);
    const line = await within(
      lines.next(),
      said + graceMs,
      () => `the load generator does not answer to: ${order}`,
    );
    if (line.done) throw new Error(`the load generator ended: ${child.said()}`);
    const answer = JSON.parse(line.value) as T | { readonly error: string };
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  };
  return {
    pid: child.pid,
    listen: async () => (await ask<{ port: number }>("listen")).port,
    measure: (order) => ask<Answer>(order),
    begin(order) {
      const course = ask<Course>(order);
      // Looked at only at the end.
      course.catch(() => undefined);
      return {
        end() {
          stdin.write("\n");
          return course;
        },
      };
    },
    hold: (order) => ask<Held>(`hold ${order}`),
    release: () => ask("release"),
    stop: () => child.stop(),
  };
}

/** What a promise gives, or an error once it has taken too long. */
export async function within<T>(promise: Promise<T>, limitMs: number, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(what())), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
