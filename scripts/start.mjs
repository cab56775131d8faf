/** `npm start`: the desktop app where it can run, otherwise the same application headless. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { resolveElectron } from "./electron-runtime.mjs";
import { standInFor } from "./setup/child.mjs";
import { hasDisplay } from "./setup/display.mjs";
import { missingLibraries } from "./setup/needs.mjs";
import { root, savedConfigPath, userFolder } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { runScript, say } from "./setup/report.mjs";
import { desktopArguments, headlessArguments, isStillborn } from "./start-arguments.mjs";

await runScript(async () => {
  await prepare();
  const extra = process.argv.slice(2);
  const runtime = await desktopRuntime();
  if ("missing" in runtime) return runHeadless(runtime.missing, extra);
  const isRoot = process.getuid?.() === 0;
  const end = await standInFor(runtime.path, desktopArguments({ appFolder: root, isRoot, extra }));
  if (isStillborn(end))
    return runHeadless(`Electron ended at once (${end.signal ?? `exit code ${end.code}`})`, extra);
  return end.code;
});

/** @returns {Promise<{ path: string } | { missing: string }>} */
async function desktopRuntime() {
  if (!hasDisplay())
    return { missing: "there is no display here; set DISPLAY or WAYLAND_DISPLAY for the desktop app" };
  const runtime = await resolveElectron();
  if ("missing" in runtime) return runtime;
  const libraries = missingLibraries(runtime.path);
  if (libraries.length > 0)
    return { missing: `Electron needs libraries that are not installed: ${libraries.join(", ")}` };
  return runtime;
}

/** @param {string} why @param {readonly string[]} extra */
async function runHeadless(why, extra) {
  say(`running without a window: ${why}`);
  const saved = savedConfigPath();
  const args = headlessArguments({ savedConfig: existsSync(saved) ? saved : null, extra });
  const program = join(root, "dist/main/shunt.cjs");
  const { code } = await standInFor(process.execPath, [program, ...args], { cwd: userFolder() });
  return code;
}
