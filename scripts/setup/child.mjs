/** Child processes: run one to its end, or stand in front of one and pass on what happens. */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * What became of a child. `code` follows the shell's habit (128 + signal, 127 when it could not be started).
 * @typedef {{ code: number, signal: NodeJS.Signals | null, output: string, timedOut: boolean, lastedMs: number }} Ending
 */

/**
 * Runs a command to its end, keeping the last 64 KiB that it printed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, show?: boolean }} [options] `show` prints as it runs, too
 * @returns {Promise<Ending>}
 */
export function run(command, args, { cwd, env, timeoutMs, show = false } = {}) {
  // A group of its own, so that a timeout also ends what the command started.
  const ownGroup = process.platform !== "win32" && timeoutMs !== undefined;
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: ownGroup });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output = (output + chunk).slice(-65_536);
      if (show) process.stderr.write(chunk);
    });
  }
  let timedOut = false;
  const timer = timeoutMs && setTimeout(() => ((timedOut = true), kill(child, ownGroup)), timeoutMs);
  return ending(child, () => output).then((end) => {
    if (timer) clearTimeout(timer);
    return { ...end, timedOut };
  });
}

/**
 * Runs a command in this process's place: same terminal, signals passed on, its exit code returned.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdout?: "inherit" | number }} [options]
 * @returns {Promise<Ending>}
 */
export async function standInFor(command, args, { cwd, env, stdout = "inherit" } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: ["inherit", stdout, "inherit"] });
  // A Ctrl-C reaches the whole foreground group by itself; only what was sent to this process alone is passed on.
  const passOn = (/** @type {NodeJS.Signals} */ signal) => process.stdin.isTTY || child.kill(signal);
  const passOnAlways = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  process.on("SIGINT", passOn).on("SIGTERM", passOnAlways).on("SIGHUP", passOnAlways);
  const end = await ending(child, () => "");
  process.off("SIGINT", passOn).off("SIGTERM", passOnAlways).off("SIGHUP", passOnAlways);
  return { ...end, timedOut: false };
}

/** @param {import("node:child_process").ChildProcess} child @param {() => string} output */
function ending(child, output) {
  const startedAt = Date.now();
  /** @type {Promise<Omit<Ending, "timedOut">>} */
  const promise = new Promise((resolve) => {
    child.on("error", (error) =>
      resolve({ code: 127, signal: null, output: `${error.message}\n`, lastedMs: Date.now() - startedAt }),
    );
    child.on("close", (code, signal) =>
      resolve({
        code: code ?? 128 + (signal ? constants.signals[signal] : 0),
        signal,
        output: output(),
        lastedMs: Date.now() - startedAt,
      }),
    );
  });
  return promise;
}

/** @param {import("node:child_process").ChildProcess} child @param {boolean} ownGroup */
function kill(child, ownGroup) {
  try {
    if (ownGroup && child.pid) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It ended in the same moment.
  }
}
