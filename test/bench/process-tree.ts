/** What a process and all below it have used: processor time and memory, from /proc (proc(5)). */
import { readFileSync, readdirSync } from "node:fs";

/** Linux counts processor time in these for every program, whatever its own clock does. */
const ticksPerSecond = 100;

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time, its own and that of children it has waited for. */
  readonly cpuTicks: number;
}

/** One line of /proc/PID/stat; the program's name may hold spaces and parentheses. */
export function parseStat(text: string): ProcessStat {
  const nameEnd = text.lastIndexOf(")");
  const fields = text.slice(nameEnd + 2).split(" ");
  const ticks = fields.slice(11, 15).map(Number);
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(fields[1]),
    cpuTicks: ticks.reduce((sum, one) => sum + one, 0),
  };
}

/** The share of shared pages and all of its own, in KiB, from /proc/PID/smaps_rollup; null where it is not said. */
export function parsePss(text: string): number | null {
  const found = /^Pss:\s+(\d+) kB$/m.exec(text);
  return found ? Number(found[1]) : null;
}

/** The roots and everything that descends from them. */
export function treeOf(stats: readonly ProcessStat[], roots: readonly number[]): readonly ProcessStat[] {
  const wanted = new Set(roots);
  // A child may come before its parent in the list.
  for (let size = -1; size !== wanted.size;) {
    size = wanted.size;
    for (const { pid, parent } of stats) if (wanted.has(parent)) wanted.add(pid);
  }
  return stats.filter(({ pid }) => wanted.has(pid));
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null; // It ended meanwhile.
  }
}

function allStats(): readonly ProcessStat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const text = read(`/proc/${name}/stat`);
      return text === null ? [] : [parseStat(text)];
    });
}

/** Everything below a process. */
export function descendants(root: number): readonly number[] {
  return treeOf(allStats(), [root])
    .map(({ pid }) => pid)
    .filter((pid) => pid !== root);
}

/** Looks again while the tree changes: a child that is reaped between two looks would be counted twice or not at all. */
export function treeCpuSeconds(roots: readonly number[]): number {
  let seen = "";
  for (let attempt = 0; ; attempt++) {
    const tree = treeOf(allStats(), roots);
    const pids = tree.map(({ pid }) => pid).join(" ");
    if (pids === seen || attempt === 5)
      return tree.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0) / ticksPerSecond;
    seen = pids;
  }
}

/** The same of all threads that live, to the nanosecond (first number of /proc/PID/task/TID/schedstat); of none that has ended. */
export function treeThreadsSeconds(roots: readonly number[]): number {
  const threads = treeOf(allStats(), roots).flatMap(({ pid }) => {
    try {
      return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`);
    } catch {
      return []; // It ended meanwhile.
    }
  });
  return threads.reduce((sum, file) => sum + Number.parseInt(read(file) ?? "0", 10), 0) / 1e9;
}

/** Memory of the whole tree in KiB, each shared page counted once over all who share it. */
export function treeMemoryKiB(roots: readonly number[]): number {
  return treeOf(allStats(), roots).reduce(
    (sum, { pid }) => sum + (parsePss(read(`/proc/${pid}/smaps_rollup`) ?? "") ?? 0),
    0,
  );
}
