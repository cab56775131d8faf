/**
 * One writer at a time for a configuration file: `config.json.lock` names who has it. A lock whose process is gone, or
 * which nobody has touched for ten seconds, is taken over (reliability F15).
 */
import { linkSync, readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Reply } from "../contract/commands.ts";
import { accept, errorCode, errorText, refuse } from "../failures.ts";
import type { PatientConfigStore } from "./config-store.ts";

const touchedEveryMs = 2_000;
const staleAfterMs = 10_000;

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** `the desktop app`, `shunt serve`. */
  readonly name: string;
}

export interface FileLock {
  /** False once somebody took it over, as after a long stop of this process. */
  isOurs(): boolean;
  /** Safe to call twice. */
  release(): void;
}

/** Takes the lock of a file, or says who has it. */
export function lockFile(file: string, name: string): Reply<FileLock> {
  const path = `${file}.lock`;
  const own: Holder = { token: randomUUID(), pid: process.pid, host: hostname(), name };
  const draft = `${path}.${own.token}`;
  try {
    writeFileSync(draft, `${JSON.stringify(own)}\n`, { flag: "wx", mode: 0o600 });
    for (let attempt = 0; attempt < 3; attempt++) {
      if (putInPlace(draft, path)) return accept(keepLock(path, own));
      const holder = readHolder(path);
      if (holder && !isStale(path, holder))
        return refuse("CONFIG_IN_USE", `${file} is used by ${holder.name} (pid ${holder.pid}).`);
      takeAside(path, holder, `${draft}.stale`);
    }
    return refuse("CONFIG_IN_USE", `${file} is being opened by another program.`);
  } catch (error) {
    return refuse("CONFIG_NOT_SAVED", `${path} cannot be written: ${errorCode(error) ?? errorText(error)}.`);
  } finally {
    remove(draft);
  }
}

/** A store that saves only while the lock is its own. */
export function withLock(store: PatientConfigStore, lock: FileLock): PatientConfigStore {
  return {
    ...store,
    save(config) {
      if (lock.isOurs()) return store.save(config);
      const taken = refuse("CONFIG_IN_USE", `${store.file} was taken over by another program.`);
      return taken.ok ? null : taken.failure;
    },
  };
}

/** A link appears whole or not at all, and never over another. */
function putInPlace(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return null;
  }
}

function isStale(path: string, { pid, host }: Holder): boolean {
  if (host === hostname() && !isRunning(pid)) return true;
  try {
    return Date.now() - statSync(path).mtimeMs > staleAfterMs;
  } catch {
    return true;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** Only one of those who see a stale lock gets to move it; a fresh one that was moved by mistake goes back. */
function takeAside(path: string, stale: Holder | null, aside: string): void {
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved && moved.token !== stale?.token) putInPlace(aside, path);
  remove(aside);
}

function keepLock(path: string, own: Holder): FileLock {
  const isOurs = (): boolean => readHolder(path)?.token === own.token;
  const touching = setInterval(() => {
    const now = new Date();
    try {
      if (isOurs()) utimesSync(path, now, now);
    } catch {
      // The next save finds out.
    }
  }, touchedEveryMs).unref();
  const release = (): void => {
    clearInterval(touching);
    process.off("exit", release);
    if (isOurs()) remove(path);
  };
  process.on("exit", release);
  return { isOurs, release };
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already.
  }
}
