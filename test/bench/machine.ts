/** Where and when a run took place. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly processors: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly system: string;
  readonly node: string;
  /** What TCP connections have here whose program does not choose (decision 102). */
  readonly congestionControl: string;
  /** Processes that wanted to run in the last minute, when the command began: its own set-up keeps the processors busy. */
  readonly loadAtStart: number;
}

export function describeMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC",
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux",
    node: process.versions.node,
    congestionControl: readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").trim(),
    loadAtStart: Number(process.env["SHUNT_BENCH_LOAD"] ?? loadavg()[0]),
  };
}
