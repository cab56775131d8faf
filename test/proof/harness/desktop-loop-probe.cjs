/**
 * Required into the desktop app that is measured, before the app and in each of its worker threads: on a message of the
 * channel `loop-probe` every thread answers with the delays of its event loop since the last message.
 */
const { monitorEventLoopDelay } = require("node:perf_hooks");
const threads = require("node:worker_threads");

const resolutionMs = 10;
const { BroadcastChannel, isMainThread, Worker } = threads;
const delays = monitorEventLoopDelay({ resolution: resolutionMs });
delays.enable();
const ms = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
const taken = () => {
  const found = { p99Ms: ms(delays.percentile(99)), maxMs: ms(delays.max) };
  delays.reset();
  return found;
};
const channel = new BroadcastChannel("loop-probe");

if (isMainThread) {
  threads.Worker = class extends Worker {
    constructor(file, options) {
      super(file, { ...options, execArgv: ["--require", __filename] });
    }
  };
  /** Resolves with the delays of this thread and of the others, which have a moment to answer. */
  globalThis.takeLoopDelays = (waitMs) =>
    new Promise((resolve) => {
      const others = [];
      channel.onmessage = ({ data }) => data.delays && others.push(data.delays);
      channel.postMessage("take");
      const main = taken();
      setTimeout(() => resolve({ main, others }), waitMs);
    });
} else
  channel.onmessage = ({ data }) => {
    if (data === "take") channel.postMessage({ delays: taken() });
  };
channel.unref();
