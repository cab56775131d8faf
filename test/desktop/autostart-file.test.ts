import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { autostartFile } from "../../main/desktop/autostart-file.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "shunt-autostart-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const item = (program = "/opt/Shunt/shunt", args: readonly string[] = ["--at-login"]) => ({
  file: path.join(folder, "autostart", "shunt.desktop"),
  ...autostartFile(path.join(folder, "autostart", "shunt.desktop"), { program, args }),
});

test("is off until it is set, and off again once it is unset, twice", () => {
  const { file, isOn, set } = item();
  expect(isOn()).toBe(false);
  set(true);
  expect(isOn()).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  set(false);
  set(false);
  expect(isOn()).toBe(false);
  expect(existsSync(file)).toBe(false);
});

test.each(["Hidden=true", "X-GNOME-Autostart-enabled=false"])("is off where the desktop wrote %s", (line) => {
  const { file, isOn, set } = item();
  set(true);
  appendFileSync(file, `${line}\n`);
  expect(isOn()).toBe(false);
  set(true);
  expect(isOn()).toBe(true);
});

test("quotes every character that the Exec key reads", () => {
  const { file, set } = item('/opt/my "app"/$HOME/50%/back\\slash/`x`', []);
  set(true);
  const exec = /^Exec=(.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "";
  // The specification's two layers, undone in its order: the string's escapes, then the field codes, then the shell's.
  const command = exec.replace(/\\\\/g, "\\").replace(/%%/g, "%");
  const said = spawnSync("/bin/sh", ["-c", `printf %s ${command}`], { encoding: "utf8" });
  expect(said.stdout).toBe('/opt/my "app"/$HOME/50%/back\\slash/`x`');
});
