/** Whether windows can be shown here, and a virtual screen for tests where they cannot. */
import { spawn } from "node:child_process";

/** @param {NodeJS.Platform} [platform] @param {NodeJS.ProcessEnv} [env] */
export function hasDisplay(platform = process.platform, env = process.env) {
  return platform === "darwin" || platform === "win32" || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * Starts Xvfb on a free display number.
 * @returns {Promise<{ display: string, stop: () => void } | null>} null where Xvfb cannot run
 */
export async function startVirtualDisplay() {
  const xvfb = spawn(
    "Xvfb",
    ["-displayfd", "3", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"],
    {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    },
  );
  /** @type {string | null} */
  const number = await new Promise((resolve) => {
    xvfb.once("error", () => resolve(null));
    xvfb.once("exit", () => resolve(null));
    /** @type {import("node:stream").Readable} */ (xvfb.stdio[3]).once("data", (chunk) =>
      resolve(String(chunk).trim()),
    );
  });
  if (!number) return null;
  const stop = () => void xvfb.kill();
  process.once("exit", stop);
  xvfb.unref();
  return { display: `:${number}`, stop };
}
