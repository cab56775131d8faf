import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  backupPath,
  createFileStore,
  loadConfigFile,
  serialiseConfig,
} from "../../app/config/config-file.ts";
import { emptyConfig } from "../../app/config/empty-config.ts";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { whole } from "./documents.ts";

const goodText = serialiseConfig(whole);
const now = new Date("2026-01-02T03:04:05.678Z");
const asideName = "config.corrupt-20260102T030405Z.json";

const latin1Text =
  '{"version": 1, "routes": [], "backends": [{ "id": "a", "label": "Zürich", "amps": "tcp://h:1" }]}';

/** A folder with a good copy beside the place of the file. */
function folderWithCopy(): { readonly file: string; readonly folder: string } {
  const folder = tempFolder({ "config.json.bak-1": goodText });
  return { folder, file: join(folder, "config.json") };
}

function numbered(number: number): ShuntConfig {
  return { ...emptyConfig, backends: [{ id: `b${number}`, amps: "tcp://h:1" }] };
}

describe("a damaged file is set aside under a name, and the last good copy is loaded:", () => {
  const cuts = Array.from({ length: 50 }, (_, at) => Math.floor((goodText.length * at) / 50));
  const damaged: readonly (readonly [string, string | Buffer])[] = [
    ...cuts.map(
      (length) => [`cut to ${length} of ${goodText.length} bytes`, goodText.slice(0, length)] as const,
    ),
    ["blank", " \n"],
    ["NULs", Buffer.alloc(goodText.length)],
    ["NULs behind a good beginning", Buffer.concat([Buffer.from(goodText.slice(0, 200)), Buffer.alloc(200)])],
    ["UTF-16", Buffer.from(`\uFEFF${goodText}`, "utf16le")],
    ["Latin-1, which a save would have made question marks of", Buffer.from(latin1Text, "latin1")],
    ["a newer version", goodText.replace('"version": 1', '"version": 2')],
    ["another program's JSON", '{"name": "other"}'],
    ["an unknown key", goodText.replace('"routes"', '"roots"')],
    ["a list", "[]"],
  ];
  test.each(damaged)("%s", (_what, content) => {
    const { file, folder } = folderWithCopy();
    writeFileSync(file, content);
    const { config, notice } = loadConfigFile(file, {}, now);
    expect(config).toEqual(whole);
    expect(notice).toContain(`It was kept as ${join(folder, asideName)}.`);
    expect(notice).toContain(`The last good copy, ${backupPath(file, 1)}, was loaded.`);
    expect(readFileSync(join(folder, asideName)).equals(Buffer.from(content))).toBe(true);
    expect(readFileSync(backupPath(file, 1), "utf8")).toBe(goodText);
    expect(existsSync(file)).toBe(false);
  });

  test("a directory", () => {
    const { file, folder } = folderWithCopy();
    mkdirSync(file);
    writeFileSync(join(file, "kept.txt"), "kept");
    const { config, notice } = loadConfigFile(file, {}, now);
    expect(config).toEqual(whole);
    expect(notice).toContain("cannot be read (EISDIR)");
    expect(readFileSync(join(folder, asideName, "kept.txt"), "utf8")).toBe("kept");
  });

  test("a file that cannot be opened", () => {
    const { file, folder } = folderWithCopy();
    // A link to itself cannot be opened even by root.
    symlinkSync(file, file);
    const { config, notice } = loadConfigFile(file, {}, now);
    expect(config).toEqual(whole);
    expect(notice).toContain("cannot be read (ELOOP)");
    expect(readlinkSync(join(folder, asideName))).toBe(file);
  });

  test("more than 20 MB, which are not read", () => {
    const { file, folder } = folderWithCopy();
    writeFileSync(file, goodText);
    truncateSync(file, 50 * 1024 * 1024);
    const { config, notice } = loadConfigFile(file, {}, now);
    expect(config).toEqual(whole);
    expect(notice).toContain("is larger than 20 MB");
    expect(statSync(join(folder, asideName)).size).toBe(50 * 1024 * 1024);
  });
});

test("what is no file, as a device or a pipe, is left where it is", async () => {
  const { file } = folderWithCopy();
  const socket = createServer().listen(file);
  onTestFinished(() => void socket.close());
  await once(socket, "listening");
  const { config, notice } = loadConfigFile(file, {}, now);
  expect(config).toEqual(whole);
  expect(notice).toContain("It could not be set aside.");
  expect(statSync(file).isSocket()).toBe(true);
});

test("two files damaged in one second are both kept", () => {
  const { file, folder } = folderWithCopy();
  writeFileSync(file, "first");
  loadConfigFile(file, {}, now);
  writeFileSync(file, "second");
  loadConfigFile(file, {}, now);
  expect(readFileSync(join(folder, asideName), "utf8")).toBe("first");
  expect(readFileSync(join(folder, `${asideName}.1`), "utf8")).toBe("second");
});

test("a damaged file without a good copy gives an empty configuration, and the notice says so", () => {
  const folder = tempFolder({
    "config.json": "{",
    "config.json.bak-1": "{",
    "config.json.bak-2": '{"version":9}',
  });
  const { config, notice } = loadConfigFile(join(folder, "config.json"), {}, now);
  expect(config).toEqual(emptyConfig);
  expect(notice).toContain(asideName);
  expect(notice).toContain("No good copy was found");
  expect(readdirSync(folder).sort()).toEqual([asideName, "config.json.bak-1", "config.json.bak-2"].sort());
});

test("the newest copy that is good is loaded, and damaged copies stay where they are", () => {
  const folder = tempFolder({ "config.json": "{", "config.json.bak-1": "{", "config.json.bak-3": goodText });
  const file = join(folder, "config.json");
  const { config, notice } = loadConfigFile(file, {}, now);
  expect(config).toEqual(whole);
  expect(notice).toContain(backupPath(file, 3));
  expect(readFileSync(backupPath(file, 1), "utf8")).toBe("{");
});

test("a file that is gone is told when a copy of it is there, whichever", () => {
  const folder = tempFolder({ "config.json.bak-2": goodText });
  const { config, notice } = loadConfigFile(join(folder, "config.json"), {}, now);
  expect(config).toEqual(whole);
  expect(notice).toMatch(/config\.json is gone\. The last good copy, .*bak-2, was loaded/);
});

test("a file that never was is an empty configuration without a notice, and is not made", () => {
  const folder = tempFolder();
  expect(loadConfigFile(join(folder, "config.json"), {})).toEqual({ config: emptyConfig, notice: null });
  expect(readdirSync(folder)).toEqual([]);
});

test("a good file is loaded as it is, with a byte order mark too", () => {
  for (const text of [goodText, `\uFEFF${goodText}`]) {
    const folder = tempFolder({ "config.json": text });
    expect(loadConfigFile(join(folder, "config.json"), {})).toEqual({ config: whole, notice: null });
    expect(readFileSync(join(folder, "config.json"), "utf8")).toBe(text);
  }
});

test("an environment variable that is not set is no damage: the file stays and is loaded with its placeholders", () => {
  const text = goodText.replace("a.example:9007", "${AMPS_HOST}:9007");
  const folder = tempFolder({ "config.json": text });
  const file = join(folder, "config.json");
  const { config, notice } = loadConfigFile(file, {}, now);
  expect(notice).toBeNull();
  expect(config.backends[0]?.amps).toBe("tcp://${AMPS_HOST}:9007");
  expect(readdirSync(folder)).toEqual(["config.json"]);
  expect(readFileSync(file, "utf8")).toBe(text);
});

describe("saving", () => {
  test("keeps the last five, newest first, and no sixth", () => {
    const file = join(tempFolder(), "config.json");
    const store = createFileStore(file, {});
    for (let number = 0; number < 8; number++) expect(store.save(numbered(number))).toBeNull();
    expect(readFileSync(file, "utf8")).toBe(serialiseConfig(numbered(7)));
    for (let copy = 1; copy <= 5; copy++)
      expect(readFileSync(backupPath(file, copy), "utf8")).toBe(serialiseConfig(numbered(7 - copy)));
    expect(existsSync(backupPath(file, 6))).toBe(false);
  });

  test("does not spend a copy on a file that is the newest copy already", () => {
    const file = join(tempFolder(), "config.json");
    const store = createFileStore(file, {});
    for (const number of [0, 1]) store.save(numbered(number));
    writeFileSync(file, serialiseConfig(numbered(0)));
    store.save(numbered(2));
    expect(existsSync(backupPath(file, 2))).toBe(false);
  });

  test("makes the folder for its owner alone, and the files too, whatever the umask", () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const folder = join(tempFolder(), "shunt", "conf");
    const file = join(folder, "config.json");
    const store = createFileStore(file, {});
    store.save(numbered(0));
    store.save(numbered(1));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(backupPath(file, 1)).mode & 0o777).toBe(0o600);
  });

  test("sets aside what was put there meanwhile and is no JSON, instead of overwriting it", () => {
    const folder = tempFolder();
    const file = join(folder, "config.json");
    const store = createFileStore(file, {});
    store.save(numbered(0));
    writeFileSync(file, '{"version": 1, "routes": [ my half-finished edit');
    expect(store.save(numbered(1))).toBeNull();
    const aside = readdirSync(folder).find((name) => name.includes(".corrupt-")) ?? "";
    expect(readFileSync(join(folder, aside), "utf8")).toContain("my half-finished edit");
    expect(readFileSync(file, "utf8")).toBe(serialiseConfig(numbered(1)));
  });

  test("sets aside what was put there meanwhile in another encoding, byte for byte", () => {
    const folder = tempFolder();
    const file = join(folder, "config.json");
    const store = createFileStore(file, {});
    writeFileSync(file, Buffer.from(latin1Text, "latin1"));
    expect(store.save(whole)).toBeNull();
    expect(readFileSync(file, "utf8")).toBe(goodText);
    const aside = readdirSync(folder).find((name) => name.includes(".corrupt-"));
    expect(readFileSync(join(folder, aside ?? "none"), "latin1")).toBe(latin1Text);
  });

  test("follows a link: the file that it names is replaced, the link stays", () => {
    const folder = tempFolder({ "dotfiles/shunt.json": goodText });
    const file = join(folder, "config.json");
    symlinkSync(join(folder, "dotfiles/shunt.json"), file);
    expect(createFileStore(file, {}).save(numbered(1))).toBeNull();
    expect(readlinkSync(file)).toBe(join(folder, "dotfiles/shunt.json"));
    expect(readFileSync(join(folder, "dotfiles/shunt.json"), "utf8")).toBe(serialiseConfig(numbered(1)));
  });

  test("to where there can be no file reports CONFIG_NOT_SAVED, and leaves nothing behind", () => {
    const folder = tempFolder({ blocked: "a file, not a folder" });
    const file = join(folder, "blocked", "config.json");
    expect(createFileStore(file, {}).save(numbered(0))).toMatchObject({
      code: "CONFIG_NOT_SAVED",
      hop: "config",
    });
    expect(readdirSync(folder)).toEqual(["blocked"]);
  });
});

test("what a crash left of a save is swept at the next start, and nothing else is", () => {
  const stays = ["config.json", "config.json.bak-1", "config.json-tmp-notes", "other.json.tmp-1-2"];
  const swept = [
    "config.json.tmp-12-1700000000000",
    "config.json.bak-1.tmp-12-1700000000000",
    "config.json.tmp-17a2b",
  ];
  const folder = tempFolder(Object.fromEntries([...stays, ...swept].map((name) => [name, goodText])));
  loadConfigFile(join(folder, "config.json"), {});
  expect(readdirSync(folder).sort()).toEqual([...stays].sort());
});
