/** The configuration on the disk (reliability F13, F14, S8). */
import { spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { backupPath, loadConfigFile, serialiseConfig } from "../../app/config/config-file.ts";
import { parseConfigText } from "../../app/config/parse-config.ts";
import { whole } from "../config/documents.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { pause, record } from "./harness/figures.ts";

const scripts = mkdtempSync(join(tmpdir(), "shunt-proof-save-"));
const script = join(scripts, "save-child.cjs");
beforeAll(() =>
  build({
    entryPoints: [join(import.meta.dirname, "../config/save-child.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
  }),
);
afterAll(() => rmSync(scripts, { recursive: true, force: true }));

/** Saves again and again until it is killed, some time after its first save has begun. */
async function saveUntilKilled(file: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [script, file, "200000", "100000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  await pause(afterMs);
  child.kill("SIGKILL");
  await exited;
}

test("F13: 200 kills while saving never leave a file that cannot be read", async (context) => {
  const folder = tempFolder({ "config.json": serialiseConfig(whole) });
  const file = join(folder, "config.json");
  let [unreadable, leftovers] = [0, 0];
  for (let kill = 0; kill < 200; kill++) {
    await saveUntilKilled(file, 3 + (kill % 37));
    if (!parseConfigText(readFileSync(file, "utf8"), {}).ok) unreadable++;
    leftovers += readdirSync(folder).filter((name) => name.includes(".tmp-")).length;
    expect(loadConfigFile(file, {}).notice).toBeNull();
  }
  const left = readdirSync(folder).filter((name) => name.includes(".tmp-")).length;
  record(
    context,
    `200 kills: ${unreadable} unreadable, ${leftovers} temporary files left and swept at the next start, ${left} stayed`,
  );
  expect([unreadable, left]).toEqual([0, 0]);
});

const good = serialiseConfig(whole);
const spoiled: Readonly<Record<string, (file: string) => void>> = {
  empty: (file) => writeFileSync(file, ""),
  NULs: (file) => writeFileSync(file, Buffer.alloc(4_096)),
  "UTF-16": (file) => writeFileSync(file, Buffer.from(good, "utf16le")),
  "wrong schema": (file) => writeFileSync(file, JSON.stringify({ version: 1, routes: "many" })),
  "future version": (file) => writeFileSync(file, JSON.stringify({ ...whole, version: 99 })),
  directory: (file) => mkdirSync(file),
  "50 MB": (file) => writeFileSync(file, Buffer.alloc(50 * 1024 * 1024, " ")),
  ...Object.fromEntries(
    Array.from({ length: 49 }, (_, at) => [
      `cut at ${at + 1}/50`,
      (file: string) => writeFileSync(file, good.slice(0, Math.floor((good.length * (at + 1)) / 50))),
    ]),
  ),
};

test("F14: every kind of bad file is kept by name, the last good copy is loaded, and that is said", (context) => {
  for (const [kind, spoil] of Object.entries(spoiled)) {
    const folder = tempFolder({});
    const file = join(folder, "config.json");
    writeFileSync(backupPath(file, 1), good);
    spoil(file);
    const before = kind === "directory" ? null : readFileSync(file);
    const { config, notice } = loadConfigFile(file, {});
    expect(serialiseConfig(config), kind).toBe(good);
    expect(notice, kind).toContain(backupPath(file, 1));
    const aside = readdirSync(folder).find((name) => name.includes(".corrupt-"));
    expect(aside, kind).toBeDefined();
    if (before) expect(readFileSync(join(folder, aside ?? "")).equals(before), kind).toBe(true);
  }
  record(context, `${Object.keys(spoiled).length} of ${Object.keys(spoiled).length} kinds`);
});

test("S8: under umask 000 the configuration, its copies and its directory are the operator's alone", async (context) => {
  const folder = tempFolder({});
  const directory = join(folder, "new");
  const child = spawn(
    "bash",
    [
      "-c",
      'umask 000; exec "$@"',
      "bash",
      process.execPath,
      script,
      join(directory, "config.json"),
      "1000",
      "7",
    ],
    { stdio: "ignore" },
  );
  await new Promise((resolve) => child.once("exit", resolve));
  const modes = [directory, ...readdirSync(directory).map((name) => join(directory, name))].map(
    (path) => statSync(path).mode & 0o777,
  );
  record(
    context,
    `directory ${modes[0]?.toString(8)}, ${modes.length - 1} files ${[...new Set(modes.slice(1))].map((mode) => mode.toString(8)).join(", ")}`,
  );
  expect(modes[0]).toBe(0o700);
  expect(modes.slice(1).every((mode) => mode === 0o600)).toBe(true);
  chmodSync(directory, 0o700);
});
