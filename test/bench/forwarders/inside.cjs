/**
 * Loaded into Shunt by the bench (`node --require`), into each of its threads: answers the bench on a socket in the folder
 * that SHUNT_BENCH_INSIDE names, one word a connection, in JSON. `delay`: how late the thread's event loop was since the last
 * such question, in ms at p99. In the desktop app's main thread also `show`, `hide` (its windows) and `text` (what they show).
 */
const { createServer } = require("node:net");
const { join } = require("node:path");
const { monitorEventLoopDelay } = require("node:perf_hooks");
const { threadId } = require("node:worker_threads");

/** Each tick wakes a thread, watched or not: few enough to cost little. */
const resolutionMs = 5;
const folder = process.env.SHUNT_BENCH_INSIDE;
const isProgram = process.type === undefined || process.type === "browser" || process.type === "worker";
if (folder && isProgram) {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  const windows = () => require("electron").BrowserWindow.getAllWindows();
  const answers = {
    delay() {
      // What is recorded is the time between two ticks of a timer: its own period is no delay.
      const lateMs = histogram.percentile(99) / 1e6 - resolutionMs;
      histogram.reset();
      return Math.max(0, lateMs);
    },
    show: () => windows().forEach((window) => window.showInactive()),
    hide: () => windows().forEach((window) => window.hide()),
    text: () =>
      Promise.all(windows().map((window) => window.webContents.executeJavaScript("document.body.innerText"))),
  };
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", async (word) => {
      const answer = await answers[word.toString()]?.();
      socket.end(JSON.stringify(answer ?? null));
    });
  });
  server.listen(join(folder, `thread-${threadId}`)).unref();
}
