/**
 * Required into the process that is measured: on SIGUSR2 it writes the event loop's delays to SHUNT_LOOP_FILE, collects
 * garbage (memory is compared, not when V8 finds time for it), and begins anew. Where SHUNT_LOOP_FILE.heap is there, a heap snapshot takes its place.
 */
const { existsSync, writeFileSync, renameSync } = require("node:fs");
const { monitorEventLoopDelay } = require("node:perf_hooks");
const { writeHeapSnapshot } = require("node:v8");

const resolutionMs = 10;
const delays = monitorEventLoopDelay({ resolution: resolutionMs });
delays.enable();
process.on("SIGUSR2", () => {
  const ms = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  const file = process.env.SHUNT_LOOP_FILE;
  const figures = { p99Ms: ms(delays.percentile(99)), maxMs: ms(delays.max) };
  globalThis.gc?.();
  if (existsSync(`${file}.heap`)) writeHeapSnapshot(`${file}.heap`);
  const heapMb = process.memoryUsage().heapUsed / 1024 / 1024;
  writeFileSync(`${file}.new`, JSON.stringify({ ...figures, heapMb }));
  renameSync(`${file}.new`, file);
  setTimeout(() => delays.reset(), 200);
});
