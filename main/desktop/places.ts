/** Where things are: the operator's directory, and what was built beside this program. */
import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";
import { app } from "electron";

/** dist/main, where the build puts this program. */
const builtDirectory = import.meta.dirname;

export const builtFiles = {
  preload: path.join(builtDirectory, "preload.cjs"),
  engineThread: path.join(builtDirectory, "engine-thread.cjs"),
  sandboxThread: path.join(builtDirectory, "sandbox-thread.cjs"),
  exportThread: path.join(builtDirectory, "export-thread.cjs"),
  renderer: path.join(builtDirectory, "../renderer"),
  icons: path.join(builtDirectory, "../icons"),
} as const;

/**
 * The operator's directory: `shunt` in the system's place for application data, or `SHUNT_USER_DATA`. Chromium's own
 * files go into a directory below it, out of the way of the configuration.
 */
export function settleUserData(): string {
  const directory = path.resolve(
    process.env["SHUNT_USER_DATA"] || path.join(app.getPath("appData"), "shunt"),
  );
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (process.platform !== "win32") chmodSync(directory, 0o700);
  app.setPath("userData", directory);
  app.setPath("sessionData", path.join(directory, "browser"));
  return directory;
}
