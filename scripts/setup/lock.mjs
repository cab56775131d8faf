/** One setup at a time in one checkout, so that two commands started together do not build over each other. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./paths.mjs";
import { say } from "./report.mjs";

/** Longer than any setup takes: an older lock belongs to a process that is gone, whoever has its number now. */
const longestSetupMs = 15 * 60_000;

/**
 * Runs the work while holding the checkout's lock. A lock whose owner has died is taken over.
 * @template T
 * @param {() => Promise<T>} work
 * @param {string} [file]
 * @returns {Promise<T>}
 */
export async function withSetupLock(work, file = defaultLockFile()) {
  await takeLock(file);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
async function takeLock(file) {
  let said = false;
  while (!tryLock(file)) {
    if (isAbandoned(file)) rmSync(file, { force: true });
    else if (!said) say("waiting for another setup of this checkout to finish");
    said = true;
    await sleep(200);
  }
}

/** @param {string} file */
function tryLock(file) {
  try {
    const fd = openSync(file, "wx", 0o600);
    writeSync(fd, String(process.pid));
    closeSync(fd);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} file */
function isAbandoned(file) {
  try {
    const tooOld = Date.now() - statSync(file).mtimeMs > longestSetupMs;
    return tooOld || !isAlive(Number(readFileSync(file, "utf8")));
  } catch {
    return false; // Freed in this moment.
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

function defaultLockFile() {
  const key = createHash("sha256").update(root).digest("hex").slice(0, 12);
  return join(tmpdir(), `shunt-setup-${userInfo().username}-${key}.lock`);
}
