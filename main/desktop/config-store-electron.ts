/**
 * The configuration in electron-store: the stored file is the version-1 document itself. Its writer reports success
 * for a file that a full disk cut short, and renames that over the good one (reliability F12), so every write is
 * preceded by a backup, read back, and undone where it differs.
 */
import { existsSync, readFileSync, realpathSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import Store from "electron-store";
import {
  backupPath,
  keepBackup,
  loadConfigFile,
  notSaved,
  serialiseConfig,
  verifyWritten,
  writeWhole,
} from "../../app/config/config-file.ts";
import type { ConfigStore } from "../../app/config/config-store.ts";
import type { Environment } from "../../app/config/parse-config.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";

/** `config.json` in the operator's directory. */
export function openConfigStore(directory: string, env: Environment = process.env): ConfigStore {
  const file = path.join(directory, "config.json");
  let store: Store | null = null;

  const save = (config: ShuntConfig) => {
    const before = readIfThere(file);
    try {
      keepBackup(file);
      store ??= openStore(directory);
      store.store = { ...config };
      if (!verifyWritten(file, serialiseConfig(config)))
        throw new Error("what was written does not read back");
      return null;
    } catch (error) {
      putBack(file, before);
      return notSaved(file, error);
    }
  };

  return {
    file,
    save,
    load() {
      const loaded = loadConfigFile(file, env);
      // Otherwise the next start would find the file gone and say so again.
      if (loaded.notice !== null && !existsSync(file)) save(loaded.config);
      return loaded;
    },
  };
}

function openStore(directory: string): Store {
  return new Store({
    name: "config",
    cwd: directory,
    configFileMode: 0o600,
    accessPropertiesByDotNotation: false,
    // True would empty a damaged file in place and keep no copy.
    clearInvalidConfig: false,
    serialize: (config) => serialiseConfig(config as unknown as ShuntConfig),
    deserialize: (text) => JSON.parse(text.replace(/^\uFEFF/, "")) as Record<string, unknown>,
  });
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** Makes the file what it was; moving the newest copy into its place is what works on a full disk too. */
function putBack(file: string, before: string | null): void {
  try {
    if (before === null) return rmSync(file, { force: true });
    if (verifyWritten(file, before)) return;
    const target = existsSync(file) ? realpathSync(file) : file;
    try {
      writeWhole(target, before);
    } catch (error) {
      if (!verifyWritten(backupPath(file, 1), before)) throw error;
      renameSync(backupPath(file, 1), target);
    }
  } catch {
    // The copies beside the file stay; the next start finds the newest good one.
  }
}
