import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ShuntConfig } from "../../app/contract/config.ts";
import { config, route } from "./facts.ts";

// Outside Electron its npm package only says where the binary would be, and this keeps it from fetching one.
process.env["ELECTRON_OVERRIDE_DIST_PATH"] = "/nonexistent";
const { openConfigStore } = await import("../../main/desktop/config-store-electron.ts");

let directory: string;
beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), "shunt-store-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = () => path.join(directory, "config.json");
const withRoute = (id: string): ShuntConfig =>
  config({ backends: [{ id: "prod-1", amps: "tcp://amps-prod-1:9007" }], routes: [route(id)] });
const withRoutes = (count: number): ShuntConfig =>
  config({
    backends: [{ id: "prod-1", amps: "tcp://amps-prod-1:9007" }],
    routes: Array.from({ length: count }, (_, index) =>
      route(`r${index}`, { listen: `127.0.0.1:${10_000 + index}` }),
    ),
  });

describe("the saved file", () => {
  test("is the configuration document itself, readable by its owner alone", () => {
    expect(openConfigStore(directory).save(withRoute("orders"))).toBeNull();
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual(withRoute("orders"));
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test("is found again at the next start, with nothing to say", () => {
    openConfigStore(directory).save(withRoute("orders"));
    expect(openConfigStore(directory).load()).toEqual({ config: withRoute("orders"), notice: null });
  });

  test("is not made before something is saved", () => {
    expect(openConfigStore(directory).load()).toEqual({ config: config(), notice: null });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("loses the keys that the new document does not have", () => {
    const store = openConfigStore(directory);
    store.save(config({ pools: [{ id: "p", members: [] }] }));
    store.save(withRoute("orders"));
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual(withRoute("orders"));
  });

  test("keeps route ids with dots and odd names as they are", () => {
    const odd = config({ backends: [{ id: "b", note: "a.b.c \\. __internal__ ${HOME} \u2028 ü" }] });
    const store = openConfigStore(directory);
    store.save(odd);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual(odd);
  });

  test("has the last five good ones beside it", () => {
    const store = openConfigStore(directory);
    for (const name of [..."abcdefgh"]) expect(store.save(withRoute(name))).toBeNull();
    const copies = readdirSync(directory).filter((name) => name.startsWith("config.json.bak-"));
    expect(copies.sort()).toEqual([1, 2, 3, 4, 5].map((number) => `config.json.bak-${number}`));
    const routesOf = (name: string) =>
      JSON.parse(readFileSync(path.join(directory, name), "utf8")).routes[0].id;
    expect(copies.map(routesOf)).toEqual(["g", "f", "e", "d", "c"]);
  });
});

describe("a damaged file at start", () => {
  const good = withRoute("orders");
  const text = `${JSON.stringify(good, null, 2)}\n`;
  const cut = (share: number) => Buffer.from(text).subarray(0, Math.floor(text.length * share));

  test.each<[string, Buffer]>([
    ["empty", Buffer.alloc(0)],
    ["cut at a tenth", cut(0.1)],
    ["cut in the middle", cut(0.5)],
    ["cut before its last bracket", cut(0.98)],
    ["full of zero bytes", Buffer.alloc(4096)],
    ["in UTF-16", Buffer.from(text, "utf16le")],
    ["of a later version", Buffer.from('{"version":2}')],
    ["of another shape", Buffer.from("[1,2,3]")],
    ["of unknown keys", Buffer.from('{"version":1,"rotes":[]}')],
  ])("%s is set aside by name, and the last good one loaded and said", (_title, damaged) => {
    const before = openConfigStore(directory);
    before.save(good);
    before.save(withRoute("newer"));
    writeFileSync(file(), damaged);
    const { config: loaded, notice } = openConfigStore(directory).load();
    expect(loaded).toEqual(good);
    const aside = readdirSync(directory).filter((name) => /^config\.corrupt-.*\.json$/.test(name));
    expect(aside).toHaveLength(1);
    expect(readFileSync(path.join(directory, aside[0] ?? ""))).toEqual(damaged);
    expect(notice).toContain(aside[0]);
    expect(notice).toContain("config.json.bak-1");
    // What was loaded is in place again, so that the next start has nothing to say.
    expect(openConfigStore(directory).load()).toEqual({ config: good, notice: null });
  });

  test("a directory in its place is set aside too", () => {
    mkdirSync(file());
    expect(openConfigStore(directory).load().notice).toContain("config.corrupt-");
    expect(openConfigStore(directory).save(good)).toBeNull();
  });

  test("a byte order mark is no damage, and saving goes on", () => {
    writeFileSync(file(), `\uFEFF${text}`);
    const store = openConfigStore(directory);
    expect(store.load()).toEqual({ config: good, notice: null });
    expect(store.save(withRoute("newer"))).toBeNull();
  });

  test("a file that is spoilt while Shunt runs does not stop the next save", () => {
    const store = openConfigStore(directory);
    store.save(good);
    writeFileSync(file(), "{");
    expect(store.save(withRoute("newer"))).toBeNull();
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual(withRoute("newer"));
  });
});

/** The real writer in a process of its own, so that it can be limited, killed and filled up. */
describe("a save that cannot be finished", () => {
  let program: string;
  let programDirectory: string;

  beforeAll(async () => {
    programDirectory = mkdtempSync(path.join(tmpdir(), "shunt-saver-"));
    program = path.join(programDirectory, "saver.cjs");
    await build({
      stdin: {
        contents: `
          import { openConfigStore } from "./main/desktop/config-store-electron.ts";
          import { readFileSync } from "node:fs";
          process.on("SIGXFSZ", () => {});
          const [directory, file, times] = process.argv.slice(2);
          const store = openConfigStore(directory);
          const config = JSON.parse(readFileSync(file, "utf8"));
          let failure = null;
          for (let count = 0; count < Number(times); count++) {
            failure = store.save({ ...config, tunnels: [{ id: "t" + count, type: "socks5", address: "h:1" }] });
            if (count === 0 && times > 1) console.log("saving");
          }
          console.log(JSON.stringify(failure));`,
        resolveDir: process.cwd(),
        loader: "ts",
      },
      outfile: program,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node18",
      external: ["electron"],
      banner: { js: 'process.env.ELECTRON_OVERRIDE_DIST_PATH = "/nonexistent";' },
    });
    mkdirSync(path.join(programDirectory, "node_modules/electron"), { recursive: true });
    writeFileSync(
      path.join(programDirectory, "node_modules/electron/index.js"),
      'module.exports = "/nonexistent";',
    );
  });
  afterAll(() => rmSync(programDirectory, { recursive: true, force: true }));

  const big = () => {
    const source = path.join(programDirectory, "big.json");
    writeFileSync(source, JSON.stringify(withRoutes(4_000)));
    return source;
  };
  const saveLimited = (blocks: number, times = 1) =>
    spawnSync(
      "bash",
      [
        "-c",
        `ulimit -f ${blocks}; exec "$0" "$@"`,
        process.execPath,
        program,
        directory,
        big(),
        String(times),
      ],
      {
        encoding: "utf8",
      },
    );
  const listFiles = () => readdirSync(directory).sort();

  test("because the file may not grow reports it, and the old file and its copies are byte for byte as they were", () => {
    const store = openConfigStore(directory);
    for (const name of [..."abcdef"]) store.save(withRoute(name));
    const before = listFiles().map((name) => [name, readFileSync(path.join(directory, name), "utf8")]);
    const { stdout, stderr } = saveLimited(64, 7);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
      code: "CONFIG_NOT_SAVED",
      hop: "config",
    });
    expect(readFileSync(file(), "utf8")).toBe(before.find(([name]) => name === "config.json")?.[1]);
    expect(listFiles().filter((name) => name.includes(".tmp-"))).toEqual([]);
    expect(openConfigStore(directory).load()).toEqual({ config: withRoute("f"), notice: null });
    // Seven failures in a row have pushed none of the good copies out but the oldest.
    const kept = listFiles().filter((name) => name.includes(".bak-"));
    const routesOf = (name: string) =>
      JSON.parse(readFileSync(path.join(directory, name), "utf8")).routes[0].id;
    expect(kept.map(routesOf)).toEqual(["f", "e", "d", "c", "b"]);
  });

  test("the first time leaves no half file behind", () => {
    const { stdout } = saveLimited(64);
    expect(JSON.parse(stdout)).toMatchObject({ code: "CONFIG_NOT_SAVED" });
    expect(listFiles()).toEqual([]);
  });

  test.skipIf(!canMount())("because the disk is full keeps the old file", () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", directory]);
    try {
      openConfigStore(directory).save(withRoute("old"));
      const { stdout, stderr } = spawnSync(process.execPath, [program, directory, big(), "3"], {
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ code: "CONFIG_NOT_SAVED" });
      expect(openConfigStore(directory).load()).toEqual({ config: withRoute("old"), notice: null });
      expect(listFiles().filter((name) => name.includes(".tmp-"))).toEqual([]);
    } finally {
      execFileSync("umount", [directory]);
    }
  });

  test("because Shunt is killed leaves a file that loads, 20 times of 20", async () => {
    const source = big();
    openConfigStore(directory).save(withRoute("old"));
    const { spawn } = await import("node:child_process");
    for (let kill = 0; kill < 20; kill++) {
      const child = spawn(process.execPath, [program, directory, source, "100000"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, (kill * 7) % 40));
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      const { config: loaded, notice } = openConfigStore(directory).load();
      expect(notice).toBeNull();
      expect(loaded.routes).toHaveLength(4_000);
    }
    expect(listFiles().filter((name) => name.includes(".tmp-"))).toEqual([]);
  }, 60_000);
});

function canMount(): boolean {
  const probe = mkdtempSync(path.join(tmpdir(), "shunt-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe], { stdio: "ignore" });
    execFileSync("umount", [probe], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}
