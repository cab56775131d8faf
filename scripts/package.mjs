/**
 * `npm run package`: builds and packs the app with electron-builder. Arguments go to electron-builder (`--linux dir`), but for
 * `--updates FILE`, which says where this build asks for newer ones; `scripts/sign-update.mjs` signs what it made.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveElectron } from "./electron-runtime.mjs";
import { isUnpackedOnly, packageArguments, takeUpdatesFile } from "./package-arguments.mjs";
import { standInFor } from "./setup/child.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";
import { SetupFailure, runScript } from "./setup/report.mjs";
import { readUpdateFacts } from "./update-feed.mjs";

/**
 * Packs what is built.
 * @param {{ updatesFile: string | null, extra: readonly string[] }} packing `extra`: for electron-builder
 * @param {typeof standInFor} runBuilder
 */
export async function pack({ updatesFile, extra }, runBuilder = standInFor) {
  // What is handed to others is never made with the old Electron, unless someone says so by SHUNT_ELECTRON=registry.
  const runtime = await resolveElectron({ allowRegistry: isUnpackedOnly(extra) });
  if ("missing" in runtime) throw new SetupFailure(`cannot pack without an Electron: ${runtime.missing}`);
  const builder = join(root, "node_modules/electron-builder/cli.js");
  const work = mkdtempSync(join(tmpdir(), "shunt-package-"));
  try {
    const config = updatesFile === null ? [] : ["--config", await configWith(updatesFile, work)];
    const args = [builder, ...config, ...packageArguments({ extra, runtime })];
    return await runBuilder(process.execPath, args, { cwd: root });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * electron-builder's configuration, and where the packed app asks for updates, in its package.json.
 * @param {string} updatesFile @param {string} folder
 */
async function configWith(updatesFile, folder) {
  const { facts } = await readUpdateFacts(updatesFile);
  const file = join(folder, "electron-builder.json");
  const whole = { extends: join(root, "electron-builder.yml"), extraMetadata: { updates: facts } };
  writeFileSync(file, JSON.stringify(whole));
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    const packing = takeUpdatesFile(process.argv.slice(2));
    await prepare();
    return (await pack(packing)).code;
  });
