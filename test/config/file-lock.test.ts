/** One writer at a time, and never a lock that outlives its holder (reliability F15). */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createFileStore } from "../../app/config/config-file.ts";
import { lockFile, withLock, type FileLock } from "../../app/config/file-lock.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { whole } from "./documents.ts";

const scripts = mkdtempSync(join(tmpdir(), "shunt-lock-"));
const script = join(scripts, "lock-child.cjs");
const children: ChildProcess[] = [];
const held: FileLock[] = [];

beforeAll(() =>
  build({
    entryPoints: [join(import.meta.dirname, "lock-child.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
  }),
);
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const lock of held.splice(0)) lock.release();
});
afterAll(() => rmSync(scripts, { recursive: true, force: true }));

/** Starts a child that wants the lock; resolves with what it says. */
function contender(file: string): Promise<string> {
  const child = spawn(process.execPath, [script, file], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return new Promise((resolve) =>
    child.stdout.once("data", (said: Buffer) => resolve(said.toString().trim())),
  );
}

function take(file: string): FileLock {
  const lock = lockFile(file, "this test");
  if (!lock.ok) throw new Error(lock.failure.message);
  held.push(lock.value);
  return lock.value;
}

test("F15: the second writer is refused and told who holds the file", async () => {
  const file = join(tempFolder({}), "config.json");
  take(file);
  expect(await contender(file)).toBe(`${file} is used by this test (pid ${process.pid}).`);
});

test("F15: kill -9 frees it at once, and of ten who want it one gets it", async () => {
  const file = join(tempFolder({}), "config.json");
  expect(await contender(file)).toBe("locked");
  const [first] = children;
  const gone = new Promise((resolve) => first?.once("exit", resolve));
  first?.kill("SIGKILL");
  await gone;
  const said = await Promise.all(Array.from({ length: 10 }, () => contender(file)));
  expect(said.filter((line) => line === "locked")).toHaveLength(1);
});

test("F15: a lock that nobody touches is taken over, and who lost it saves nothing any more", () => {
  const folder = tempFolder({});
  const file = join(folder, "config.json");
  const lock = take(file);
  const store = withLock(createFileStore(file, {}), lock);
  expect(store.save(whole)).toBeNull();
  const before = readFileSync(file, "utf8");
  // As after a long stop: this process is there, and its lock is old.
  const longAgo = new Date(Date.now() - 11_000);
  utimesSync(`${file}.lock`, longAgo, longAgo);
  const other = take(file);
  expect([lock.isOurs(), other.isOurs()]).toEqual([false, true]);
  expect(store.save({ ...whole, routes: [] })).toMatchObject({ code: "CONFIG_IN_USE" });
  expect(readFileSync(file, "utf8")).toBe(before);
  lock.release();
  expect(other.isOurs()).toBe(true);
});

test.each(["", "{", "null", '{"pid":0}'])(
  "a lock file that holds %j stands in nobody's way for long",
  (text) => {
    const file = join(tempFolder({}), "config.json");
    writeFileSync(`${file}.lock`, text);
    const longAgo = new Date(Date.now() - 11_000);
    utimesSync(`${file}.lock`, longAgo, longAgo);
    take(file).release();
    expect(existsSync(`${file}.lock`)).toBe(false);
  },
);
