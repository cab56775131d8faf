/**
 * The configuration on disk: written whole or not at all, read back, with the last good copies beside it. A damaged file
 * is set aside by name and never overwritten (reliability F12 to F14).
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ShuntConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { errorCode, errorText, failure } from "../failures.ts";
import { asUtf8 } from "../text-encoding.ts";
import { readConfigText } from "./config-text.ts";
import type { ConfigStore, LoadedConfig } from "./config-store.ts";
import { emptyConfig } from "./empty-config.ts";
import { isPassing } from "./passing-file.ts";
import { parseConfigText, type Environment } from "./parse-config.ts";

const copiesKept = 5;

export function serialiseConfig(config: ShuntConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** `config.json` → `config.json.bak-1`, the newest copy, to `.bak-5`. */
export function backupPath(file: string, number: number): string {
  return `${file}.bak-${number}`;
}

interface ReadResult {
  readonly config: ShuntConfig | null;
  /** Why there is no configuration; null where there is no file. */
  readonly reason: string | null;
}

function readConfig(file: string, env: Environment): ReadResult {
  const read = readConfigText(file);
  if (!read.ok) return { config: null, reason: read.isThere ? read.reason : null };
  const parsed = parseConfigText(read.text, env);
  if (parsed.ok) return { config: parsed.value.document, reason: null };
  // Only variables are not set here: the document is as whole as it ever was.
  if (parsed.document) return { config: parsed.document, reason: null };
  const [first] = parsed.problems;
  return {
    config: null,
    reason: `is not a configuration (${first?.path}: ${first?.message}${parsed.problems.length > 1 ? ", and more" : ""})`,
  };
}

/** The newest good copy beside a file. */
function newestBackup(
  file: string,
  env: Environment,
): { readonly path: string; readonly config: ShuntConfig } | null {
  for (let number = 1; number <= copiesKept; number++) {
    const path = backupPath(file, number);
    const { config } = readConfig(path, env);
    if (config) return { path, config };
  }
  return null;
}

/** Renames a damaged file so that it is kept: `config.corrupt-20260101T000000Z.json`. */
function setAside(file: string, now: Date): string | null {
  // It is the system's: whoever wants it next must find it.
  if (isPassing(file)) return null;
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const name = basename(file).replace(/(\.json)?$/, `.corrupt-${stamp}$1`);
  for (let attempt = 0; attempt < 10; attempt++) {
    const aside = join(dirname(file), attempt === 0 ? name : `${name}.${attempt}`);
    if (existsSync(aside)) continue;
    try {
      renameSync(file, aside);
      return aside;
    } catch {
      return null;
    }
  }
  return null;
}

/** Removes what a crash in the middle of a save left behind, electron-store's temporary files too. */
function sweepTemporaries(file: string): void {
  try {
    const temporary = /^\.(bak-\d\.)?tmp-/;
    for (const name of readdirSync(dirname(file))) {
      const isOurs = name.startsWith(basename(file)) && temporary.test(name.slice(basename(file).length));
      if (isOurs) unlinkSync(join(dirname(file), name));
    }
  } catch {
    // Nothing depends on it.
  }
}

/**
 * Loads a configuration: the file, or else its newest good copy, or else an empty one. The notice says what happened.
 * A damaged file is renamed before anything else may write there; one that cannot even be renamed stays.
 */
export function loadConfigFile(file: string, env: Environment, now: Date = new Date()): LoadedConfig {
  sweepTemporaries(file);
  const { config, reason } = readConfig(file, env);
  if (config) return { config, notice: null };
  const backup = newestBackup(file, env);
  if (reason === null && !backup) return { config: emptyConfig, notice: null };
  const aside = reason === null ? null : setAside(file, now);
  const what =
    reason === null
      ? `${file} is gone.`
      : `${file} ${reason}. ${aside === null ? "It could not be set aside." : `It was kept as ${aside}.`}`;
  if (!backup)
    return { config: emptyConfig, notice: `${what} No good copy was found, so the configuration is empty.` };
  return { config: backup.config, notice: `${what} The last good copy, ${backup.path}, was loaded.` };
}

/**
 * Makes the present file the newest of the copies; one that is not even JSON in UTF-8 is set aside instead, since the next
 * save would overwrite it. The copy is on the disk before the older ones move: a full disk costs none of them.
 */
export function keepBackup(file: string): void {
  const bytes = bytesIfThere(file);
  if (bytes === null) return;
  const text = asUtf8(bytes);
  if (text === null || !isJson(text)) return void setAside(file, new Date());
  if (readIfThere(backupPath(file, 1)) === text) return;
  const fresh = writeTemporary(backupPath(file, 1), text);
  for (let number = copiesKept - 1; number >= 1; number--) {
    if (existsSync(backupPath(file, number)))
      renameSync(backupPath(file, number), backupPath(file, number + 1));
  }
  renameSync(fresh, backupPath(file, 1));
}

function bytesIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

function readIfThere(file: string): string | null {
  return bytesIfThere(file)?.toString("utf8") ?? null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ""));
    return true;
  } catch {
    return false;
  }
}

/** True when the file holds exactly this text. */
export function verifyWritten(file: string, text: string): boolean {
  return readIfThere(file) === text;
}

/** Writes beside the file, forces it to the disk, reads it back, and only then renames it over. Throws on failure. */
export function writeWhole(file: string, text: string): void {
  // An operator may have linked the file from elsewhere: the link stays, what it names is replaced.
  const target = existsSync(file) ? realpathSync(file) : file;
  const temporary = writeTemporary(target, text);
  try {
    renameSync(temporary, target);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
}

/** Writes `file.tmp-…`, whole and on the disk; on a failure there is no such file. */
function writeTemporary(file: string, text: string): string {
  const temporary = `${file}.tmp-${process.pid}-${Date.now()}`;
  try {
    const descriptor = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (!verifyWritten(temporary, text))
      throw Object.assign(new Error("What was written does not read back."), { code: "EIO" });
    return temporary;
  } catch (error) {
    if (existsSync(temporary)) unlinkSync(temporary);
    throw error;
  }
}

/** The directory of the configuration is the operator's alone. */
function makePrivateDirectory(directory: string): void {
  if (existsSync(directory)) return;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
}

export function notSaved(file: string, error: unknown): Failure {
  return failure("CONFIG_NOT_SAVED", `${file} was not saved: ${errorCode(error) ?? errorText(error)}.`);
}

/** The configuration in a plain file, for headless mode. */
export function createFileStore(file: string, env: Environment): ConfigStore {
  return {
    file,
    load: () => loadConfigFile(file, env),
    save(config) {
      try {
        makePrivateDirectory(dirname(file));
        keepBackup(file);
        writeWhole(file, serialiseConfig(config));
        return null;
      } catch (error) {
        return notSaved(file, error);
      }
    },
  };
}

/** A configuration that lives only as long as the process: the sandbox without a file. */
export function createMemoryStore(config: ShuntConfig): ConfigStore {
  let kept = config;
  return {
    file: "(kept in memory)",
    isInMemory: true,
    load: () => ({ config: kept, notice: null }),
    save(next) {
      kept = next;
      return null;
    },
  };
}
