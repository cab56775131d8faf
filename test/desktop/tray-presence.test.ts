import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findTrayVisible } from "../../main/desktop/tray-presence.ts";

let directory: string;
const savedPath = process.env["PATH"];

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "shunt-tray-"));
  process.env["PATH"] = directory;
});
afterEach(() => {
  process.env["PATH"] = savedPath;
  rmSync(directory, { recursive: true, force: true });
});

/** A stand-in for a D-Bus client program, first and only in PATH. */
function putProgram(name: string, script: string): void {
  const file = path.join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

test("a Linux desktop that shows status icons has a visible tray", async () => {
  putProgram("dbus-send", 'echo "   variant       boolean true"');
  expect(await findTrayVisible("linux")).toBe(true);
});

test.each([
  ["says that it shows none", 'echo "   variant       boolean false"'],
  ["has nobody who shows them", 'echo "Error org.freedesktop.DBus.Error.ServiceUnknown" >&2; exit 1'],
])("a Linux desktop that %s has no visible tray", async (_title, script) => {
  putProgram("dbus-send", script);
  expect(await findTrayVisible("linux")).toBe(false);
});

test("gdbus is asked where dbus-send is missing", async () => {
  putProgram("gdbus", 'echo "(<true>,)"');
  expect(await findTrayVisible("linux")).toBe(true);
});

test("where nobody can be asked the tray counts as invisible", async () => {
  expect(await findTrayVisible("linux")).toBe(false);
});

test("macOS and Windows always have one", async () => {
  expect([await findTrayVisible("darwin"), await findTrayVisible("win32")]).toEqual([true, true]);
});
