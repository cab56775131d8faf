import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packAsar } from "../../scripts/setup/asar.mjs";
import {
  checkIntegrity,
  ensureRegistryElectron,
  registryElectron,
  registryElectronFolder,
} from "../../scripts/setup/electron-registry.mjs";
import { tempFolder } from "./temp-folder.ts";

describe("the Electron from the registry", () => {
  test("is pinned by a whole SHA-512", () => {
    expect(Buffer.from(registryElectron.integrity.replace("sha512-", ""), "base64")).toHaveLength(64);
  });

  test("passes its integrity check only while no byte has changed", async () => {
    const file = join(tempFolder({ "x.tgz": "a tarball" }), "x.tgz");
    const integrity = `sha512-${createHash("sha512").update("a tarball").digest("base64")}`;
    await checkIntegrity(file, integrity);
    appendFileSync(file, "!");
    await expect(checkIntegrity(file, integrity)).rejects.toThrow(/refused a changed download/);
  });

  test("is not fetched where fetching is not allowed, and leaves nothing behind", async () => {
    const cache = tempFolder();
    await expect(ensureRegistryElectron({ cache, allowFetch: false })).rejects.toThrow(
      /not been fetched|Linux on x64/,
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  test("is kept in a folder that names its version", () => {
    expect(registryElectronFolder("/cache")).toMatch(/^\/cache\/electron-25\.1\.1-[0-9a-f]{12}$/);
    expect(existsSync("/cache")).toBe(false);
  });
});

test("an asar archive holds its files where its header says", () => {
  const files = { "package.json": '{"main":"é.cjs"}', "é.cjs": "run()" };
  const archive = packAsar(files);
  const jsonLength = archive.readUInt32LE(12);
  const bodyStart = 8 + archive.readUInt32LE(4);
  const header = JSON.parse(archive.subarray(16, 16 + jsonLength).toString()) as {
    files: Record<string, { size: number; offset: string }>;
  };
  expect(archive.readUInt32LE(0)).toBe(4);
  expect(bodyStart % 4).toBe(0);
  for (const [name, text] of Object.entries(files)) {
    const { size, offset } = header.files[name] ?? { size: 0, offset: "0" };
    const start = bodyStart + Number(offset);
    expect(archive.subarray(start, start + size).toString()).toBe(text);
  }
});
