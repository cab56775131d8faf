/** Where things are: the checkout, and the cache that lives outside it. */
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds package.json. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The folder of everything that is fetched once for all checkouts. @param {NodeJS.ProcessEnv} [env] */
export function cacheFolder(env = process.env) {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "shunt");
}

/**
 * Where the desktop app keeps its configuration; SHUNT_USER_DATA moves it, as it does in the app.
 * @param {{ platform?: NodeJS.Platform, env?: NodeJS.ProcessEnv, home?: string }} [on]
 */
export function savedConfigPath({ platform = process.platform, env = process.env, home = homedir() } = {}) {
  const folder = env.SHUNT_USER_DATA || join(configHome({ platform, env, home }), "shunt");
  return join(resolve(folder), "config.json");
}

/** @param {{ platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string }} on */
function configHome({ platform, env, home }) {
  if (platform === "darwin") return join(home, "Library", "Application Support");
  if (platform === "win32") return env.APPDATA || join(home, "AppData", "Roaming");
  return env.XDG_CONFIG_HOME || join(home, ".config");
}

/** Where the user stands: npm runs scripts in the checkout, but paths in the arguments are meant from here. */
export function userFolder() {
  return process.env.INIT_CWD ?? process.cwd();
}
