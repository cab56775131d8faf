/** The npm packages: installed when they are missing or older than the lock file. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { runNpm, whyNpmFailed } from "./npm.mjs";
import { root } from "./paths.mjs";
import { SetupFailure, say } from "./report.mjs";

const timeoutMs = 10 * 60_000;

/**
 * What must be done before the packages can be used.
 * @param {string} folder a folder with package.json
 * @returns {"nothing" | "ci" | "install"}
 */
export function packagesAction(folder) {
  const lock = modifiedMs(join(folder, "package-lock.json"));
  // npm writes this file last, so an install that was cut short has none.
  const installed = modifiedMs(join(folder, "node_modules", ".package-lock.json"));
  if (installed !== null && (lock === null || installed >= lock)) return "nothing";
  return lock === null ? "install" : "ci";
}

/** Installs the packages if needed, and says so in one line. @param {string} [folder] */
export async function ensurePackages(folder = root) {
  const action = packagesAction(folder);
  if (action === "nothing") return;
  const why = existsSync(join(folder, "node_modules"))
    ? "package-lock.json is newer than them"
    : "they are missing";
  say(`installing the npm packages (npm ${action}), since ${why}`);
  const end = await runNpm([action, "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], {
    cwd: folder,
    timeoutMs,
  });
  if (end.code !== 0) throw new SetupFailure(`the npm packages could not be installed: ${whyNpmFailed(end)}`);
}

/** @param {string} file @returns {number | null} */
function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
