/** Makes dist/: the main process, its threads and the command line with esbuild, the UI with Vite. */
import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup/paths.mjs";
import { SetupFailure } from "./setup/report.mjs";

/** Everything that runs on Node: what is built from which source. */
export const mainEntries = Object.freeze({
  "electron-main": "main/desktop/main.ts",
  preload: "main/desktop/preload.ts",
  "engine-thread": "main/threads/engine-thread.ts",
  "sandbox-thread": "main/threads/sandbox-thread.ts",
  "export-thread": "main/threads/export-thread.ts",
  "save-thread": "main/threads/save-thread.ts",
  shunt: "main/cli/shunt.ts",
});

/** Builds dist/main/*.cjs and copies the icons. */
export async function buildMain() {
  for (const source of Object.values(mainEntries))
    if (!existsSync(join(root, source))) throw new SetupFailure(`cannot build: ${source} does not exist`);
  const { build } = await import("esbuild");
  /** @type {import("esbuild").BuildOptions} */
  const common = {
    absWorkingDir: root,
    outdir: "dist/main",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    // Electron 25 runs Node 18.
    target: "node18",
    // ssh2 does without its native parts, which are compiled at installation and not there.
    external: ["electron", "*.node"],
    sourcemap: true,
    logLevel: "warning",
  };
  const define = {
    "import.meta.url": "__moduleUrl",
    "import.meta.dirname": "__dirname",
    "import.meta.filename": "__filename",
  };
  const moduleUrl = 'const __moduleUrl = require("node:url").pathToFileURL(__filename).href;';
  const { preload, shunt, ...others } = mainEntries;
  await Promise.all([
    build({ ...common, define, entryPoints: others, banner: { js: moduleUrl } }),
    build({ ...common, define, entryPoints: { shunt }, banner: { js: `#!/usr/bin/env node\n${moduleUrl}` } }),
    // A sandboxed preload script has no node:url, and needs none.
    build({ ...common, entryPoints: { preload } }),
  ]).catch(explainBuildFailure);
  copyIcons();
}

function copyIcons() {
  mkdirSync(join(root, "dist/icons"), { recursive: true });
  for (const name of readdirSync(join(root, "build")).filter((file) => file.endsWith(".png")))
    copyFileSync(join(root, "build", name), join(root, "dist/icons", name));
}

/** Builds dist/renderer, the UI of both the desktop app and the headless mode. */
export async function buildRenderer() {
  const configFile = join(root, "renderer/vite.config.ts");
  if (!existsSync(configFile)) throw new SetupFailure("cannot build: renderer/vite.config.ts does not exist");
  const { build } = await import("vite");
  // Vite keeps a NODE_ENV that is set (vitest's is "test"), and would mix development JSX into the page.
  const outer = process.env.NODE_ENV;
  process.env.NODE_ENV = "production";
  await build({
    configFile,
    root: join(root, "renderer"),
    logLevel: "warn",
    build: { outDir: join(root, "dist/renderer"), emptyOutDir: true },
  }).catch(explainBuildFailure);
  if (outer === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = outer;
}

/** @param {unknown} error @returns {never} */
function explainBuildFailure(error) {
  const text = error instanceof Error ? error.message : String(error);
  throw new SetupFailure(`the build failed: ${text.trim()}`);
}
