import { chmodSync, existsSync, readFileSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resolveElectron } from "../../scripts/electron-runtime.mjs";
import { tempFolder } from "./temp-folder.ts";

/** An `electron` package whose install script counts its runs, and either brings a binary or fails. */
function electronPackage(install: "brings" | "fails"): string {
  const bring = `fs.mkdirSync("dist"); fs.writeFileSync("dist/version", "45.4.1"); fs.writeFileSync("dist/electron", "");
    fs.writeFileSync("path.txt", "electron");`;
  const fail = `console.error("Error: no such host\\n    at somewhere"); process.exitCode = 1;`;
  return tempFolder({
    "package.json": '{"version":"45.4.1"}',
    "install.js": `const fs = require("fs"); fs.appendFileSync("runs", "x"); ${install === "brings" ? bring : fail}`,
  });
}

function installRuns(folder: string): number {
  return existsSync(join(folder, "runs")) ? readFileSync(join(folder, "runs"), "utf8").length : 0;
}

describe("SHUNT_ELECTRON", () => {
  test("wins over everything, and takes its version from beside the binary", async () => {
    const folder = tempFolder({ electron: "", version: "v44.1.0\n" });
    const path = join(folder, "electron");
    chmodSync(path, 0o755);
    const found = await resolveElectron({
      env: { SHUNT_ELECTRON: path },
      packageFolder: electronPackage("brings"),
    });
    expect(found).toMatchObject({ path, version: "44.1.0", source: "environment" });
  });

  test("that names nothing, or a folder, is said so and nothing else is tried", async () => {
    const packageFolder = electronPackage("brings");
    for (const path of ["/nowhere/electron", tempFolder()]) {
      const found = await resolveElectron({
        env: { SHUNT_ELECTRON: path },
        packageFolder,
        allowRegistry: true,
      });
      expect(found).toEqual({ missing: expect.stringContaining(`SHUNT_ELECTRON names ${path}`) as string });
    }
    expect(installRuns(packageFolder)).toBe(0);
  });
});

describe("the electron package", () => {
  test("is downloaded once, then used", async () => {
    const packageFolder = electronPackage("brings");
    const env = { ...process.env, XDG_CACHE_HOME: tempFolder(), SHUNT_ELECTRON: "" };
    const first = await resolveElectron({ env, packageFolder });
    const second = await resolveElectron({ env, packageFolder });
    expect(first).toMatchObject({
      path: join(packageFolder, "dist/electron"),
      version: "45.4.1",
      source: "package",
    });
    expect(second).toMatchObject({ path: join(packageFolder, "dist/electron") });
    expect(installRuns(packageFolder)).toBe(1);
  });

  test("that cannot be downloaded is not tried again for a day, and names the reason and the way out", async () => {
    const packageFolder = electronPackage("fails");
    const cache = tempFolder();
    const env = { ...process.env, XDG_CACHE_HOME: cache, SHUNT_ELECTRON: "" };
    const first = await resolveElectron({ env, packageFolder });
    const second = await resolveElectron({ env, packageFolder });
    expect(first).toEqual({ missing: expect.stringMatching(/no such host.*SHUNT_ELECTRON/) as string });
    expect(first).not.toEqual({ missing: expect.stringContaining("\n") as string });
    expect(second).toHaveProperty("missing");
    expect(installRuns(packageFolder)).toBe(1);

    const [memory] = readdirSync(join(cache, "shunt"));
    const dayAgo = Date.now() / 1000 - 25 * 3600;
    utimesSync(join(cache, "shunt", String(memory)), dayAgo, dayAgo);
    await resolveElectron({ env, packageFolder });
    expect(installRuns(packageFolder)).toBe(2);
  });

  test("is left alone where fetching is not allowed", async () => {
    const packageFolder = electronPackage("brings");
    const env = { XDG_CACHE_HOME: tempFolder() };
    expect(await resolveElectron({ env, packageFolder, allowFetch: false })).toHaveProperty("missing");
    expect(installRuns(packageFolder)).toBe(0);
  });
});
