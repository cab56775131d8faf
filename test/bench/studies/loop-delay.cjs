/**
 * Loaded into Shunt by the bench (`node --require`): writes how late the event loop was, in ms at p99, to the file that
 * SHUNT_BENCH_LOOP_DELAY names, at every SIGUSR2, and counts afresh.
 */
const { monitorEventLoopDelay } = require("node:perf_hooks");
const { renameSync, writeFileSync } = require("node:fs");

const resolutionMs = 2;
const file = process.env.SHUNT_BENCH_LOOP_DELAY;
if (file) {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  process.on("SIGUSR2", () => {
    // What is recorded is the time between two ticks of a timer: its own period is no delay.
    const lateMs = histogram.percentile(99) / 1e6 - resolutionMs;
    histogram.reset();
    writeFileSync(`${file}.new`, String(Math.max(0, lateMs)));
    renameSync(`${file}.new`, file);
  });
}
