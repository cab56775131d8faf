import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backupPath, loadConfigFile, serialiseConfig } from "../../app/config/config-file.ts";
import { parseConfigText } from "../../app/config/parse-config.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { whole } from "./documents.ts";

const scripts = mkdtempSync(join(tmpdir(), "shunt-save-"));
const script = join(scripts, "save-child.cjs");

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, "save-child.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
  });
});

afterAll(() => rmSync(scripts, { recursive: true, force: true }));

/** Saves where no file may grow beyond so many KiB, as on a full disk. */
function saveWithin(limitKib: number, file: string, noteBytes: number, times: number): string {
  const command = 'ulimit -f "$1"; exec "$2" "$3" "$4" "$5" "$6"';
  const parameters = [String(limitKib), process.execPath, script, file, String(noteBytes), String(times)];
  const { stdout, status } = spawnSync("bash", ["-c", command, "bash", ...parameters], { encoding: "utf8" });
  expect(status).toBe(0);
  return stdout;
}

describe("on a full disk", () => {
  test("a save reports CONFIG_NOT_SAVED, the old file is byte for byte what it was, and no temporary file stays", () => {
    const folder = tempFolder({ "config.json": serialiseConfig(whole) });
    const file = join(folder, "config.json");
    const answers = saveWithin(128, file, 540_000, 1);
    expect(answers).toContain('"code":"CONFIG_NOT_SAVED"');
    expect(readFileSync(file, "utf8")).toBe(serialiseConfig(whole));
    expect(readdirSync(folder).sort()).toEqual(["config.json", "config.json.bak-1"]);
  });

  test("ten failed saves in a row cost none of the copies", () => {
    const copies = Object.fromEntries(
      [1, 2, 3, 4, 5].map((number) => [
        `config.json.bak-${number}`,
        serialiseConfig({ ...whole, pools: [{ id: `p${number}`, members: ["a"] }] }),
      ]),
    );
    // The file itself is too large to be copied within the limit.
    const large = `${serialiseConfig(whole)}${" ".repeat(300_000)}`;
    const folder = tempFolder({ ...copies, "config.json": large });
    const answers = saveWithin(128, join(folder, "config.json"), 1_000, 10);
    expect(answers.match(/CONFIG_NOT_SAVED/g)).toHaveLength(10);
    expect(readFileSync(join(folder, "config.json"), "utf8")).toBe(large);
    for (const [name, text] of Object.entries(copies))
      expect(readFileSync(join(folder, name), "utf8")).toBe(text);
    expect(readdirSync(folder)).toHaveLength(6);
  });

  test("the same save succeeds where there is room", () => {
    const folder = tempFolder({ "config.json": serialiseConfig(whole) });
    const answers = saveWithin(4_096, join(folder, "config.json"), 540_000, 1);
    expect(answers).not.toContain("CONFIG_NOT_SAVED");
    expect(parseConfigText(readFileSync(join(folder, "config.json"), "utf8"), {}).ok).toBe(true);
  });
});

test("twenty kills in the middle of saving never leave a file that cannot be read", async () => {
  const folder = tempFolder({ "config.json": serialiseConfig(whole) });
  const file = join(folder, "config.json");
  let leftovers = 0;
  for (let kill = 0; kill < 20; kill++) {
    const child = spawn(process.execPath, [script, file, "400000", "300"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 5 + kill * 3));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    leftovers += readdirSync(folder).filter((name) => name.includes(".tmp-")).length;
    const { notice, config } = loadConfigFile(file, {});
    expect(notice).toBeNull();
    expect(config.backends.length).toBeGreaterThan(0);
    for (const name of readdirSync(folder)) {
      expect(name).not.toContain(".tmp-");
      expect(parseConfigText(readFileSync(join(folder, name), "utf8"), {}).ok).toBe(true);
    }
  }
  // Otherwise no kill fell into a save, and the test has shown nothing.
  expect(leftovers).toBeGreaterThan(0);
  expect(readdirSync(folder)).toContain(backupPath("config.json", 1));
}, 60_000);
