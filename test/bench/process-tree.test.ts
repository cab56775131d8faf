import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { descendants, parsePss, parseStat, treeCpuSeconds, treeMemoryKiB, treeOf } from "./process-tree.ts";

const line = (pid: number, name: string, parent: number, ticks: readonly number[]) =>
  `${pid} (${name}) S ${parent} ${pid} ${pid} 0 -1 4194560 1000 0 0 0 ${ticks.join(" ")} 20 0 1 0 100 1000000 200`;

test("a stat line gives the parent and all four processor times", () => {
  expect(parseStat(line(42, "nginx", 7, [10, 20, 3, 4]))).toEqual({ pid: 42, parent: 7, cpuTicks: 37 });
});

test("a program's name may hold spaces and parentheses", () => {
  expect(parseStat(line(42, "a) S 1 (b", 7, [1, 2, 0, 0]))).toEqual({ pid: 42, parent: 7, cpuTicks: 3 });
});

test("a tree is the roots and all below them, in whatever order they are listed", () => {
  const stat = (pid: number, parent: number) => ({ pid, parent, cpuTicks: 0 });
  const all = [stat(30, 20), stat(20, 10), stat(10, 1), stat(11, 1), stat(31, 11)];
  expect(treeOf(all, [10]).map(({ pid }) => pid)).toEqual([30, 20, 10]);
  expect(treeOf(all, [])).toEqual([]);
});

test("the proportional size is read from smaps_rollup", () => {
  expect(parsePss("Rss:    2000 kB\nPss:     1234 kB\nPss_Dirty: 5 kB\n")).toBe(1234);
  expect(parsePss("")).toBeNull();
});

test.skipIf(process.platform !== "linux")("a real tree's processor time and memory are seen", async () => {
  const burn =
    "const end = process.cpuUsage().user + 100000; while (process.cpuUsage().user < end); setInterval(() => {}, 1000); console.log('done')";
  const shell = spawn("sh", ["-c", `"$0" -e "$1" & wait`, process.execPath, burn], { detached: true });
  try {
    await new Promise((resolve) => shell.stdout.once("data", resolve));
    const pid = shell.pid!;
    expect(descendants(pid).length).toBe(1);
    expect(treeCpuSeconds([pid])).toBeGreaterThanOrEqual(0.1);
    expect(treeMemoryKiB([pid])).toBeGreaterThan(1_000);
  } finally {
    process.kill(-shell.pid!, "SIGKILL");
  }
});
