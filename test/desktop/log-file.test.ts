import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLogFile } from "../../main/desktop/log-file.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), "shunt-log-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("an entry is one dated line in a file that only its owner reads", () => {
  const logs = path.join(directory, "logs");
  openLogFile(logs, () => new Date(0)).write("the page ended: crashed");
  const file = path.join(logs, "shunt.log");
  expect(readFileSync(file, "utf8")).toBe("1970-01-01T00:00:00.000Z the page ended: crashed\n");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(logs).mode & 0o777).toBe(0o700);
});

test("the log never takes more than two files of 1 MiB", () => {
  const log = openLogFile(directory);
  for (let count = 0; count < 400; count++) log.write("x".repeat(20_000));
  expect(readdirSync(directory).sort()).toEqual(["shunt.log", "shunt.log.1"]);
  for (const name of readdirSync(directory))
    expect(statSync(path.join(directory, name)).size).toBeLessThanOrEqual(1024 * 1024);
});

test("a log that cannot be written throws nothing", () => {
  expect(() => openLogFile("/dev/null/logs").write("lost")).not.toThrow();
});

test("an entry holds no credential", () => {
  openLogFile(directory).write("tcp://ops:s3cret@amps:9007 failed");
  expect(readFileSync(path.join(directory, "shunt.log"), "utf8")).not.toContain("s3cret");
});
