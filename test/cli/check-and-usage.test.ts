import { dirname, join } from "node:path";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildNative, nativeTools } from "../../scripts/build-native.mjs";
import { designExample } from "../config/documents.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { secretOf } from "../support/suite-secrets.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { buildBeforeAll, builtCli, runCli } from "./built-cli.ts";

cleanUpAfterEach();
buildBeforeAll();

describe("check", () => {
  test("ends with 0 and a summary for a good file, and leaves it as it is", async () => {
    const folder = tempFolder({ "config.json": designExample });
    const file = join(folder, "config.json");
    expect(await runCli(["check", "--config", file])).toEqual({
      code: 0,
      stdout: `${file}: 4 routes, 2 backends, 1 pool, 3 tunnels; no problems\n`,
      stderr: "",
    });
    expect(readFileSync(file, "utf8")).toBe(designExample);
  });

  test.each<readonly [string, string, readonly string[]]>([
    [
      "problems by their paths",
      '{"version":1,"x":1,"routes":[{"id":"r","listen":"no","transport":"amps","target":"a"}]}',
      [
        'routes[0].listen: "no" is not an address to listen on; write host:port, [v6]:port or a port from 1 to 65535',
        "x: is not a known key here; remove it or check its spelling",
      ],
    ],
    [
      "a fault of JSON by line and column",
      '{\n  "version": 1,\n}',
      ['(document): is not JSON: line 3, column 1: expected a quoted key, found "}"'],
    ],
    [
      "a credential in a URL, though not what it is",
      JSON.stringify({
        version: 1,
        backends: [{ id: "a", amps: `tcp://ops:${secretOf("URL user info")}@amps-1:9007` }],
      }),
      [
        'backends[0].amps: "tcp://***@amps-1:9007" is not the URL of a backend\'s amps endpoint; write tcp://host:port or tcps://host:port',
      ],
    ],
    [
      "a version that is too new",
      '{"version": 3}',
      ["version: 3 is newer than this Shunt, which reads version 1; update Shunt to use this file"],
    ],
    [
      "a variable that is not set",
      '{"version":1,"backends":[{"id":"a","amps":"tcp://${NOT_SET}:1"}]}',
      ["backends[0].amps: ${NOT_SET}: the environment variable NOT_SET is not set"],
    ],
  ])("ends with 1 and prints %s", async (_what, text, expected) => {
    const folder = tempFolder({ "config.json": text });
    const { code, stdout } = await runCli(["check", "--config", join(folder, "config.json")]);
    expect(code).toBe(1);
    expect(stdout.trimEnd().split("\n").sort()).toEqual([...expected].sort());
  });

  test("takes placeholders from the environment", async () => {
    const folder = tempFolder({
      "config.json": '{"version":1,"backends":[{"id":"a","amps":"tcp://${AMPS_HOST}:1"}]}',
    });
    const { code } = await runCli(["check", "--config", join(folder, "config.json")], { AMPS_HOST: "h" });
    expect(code).toBe(0);
  });

  test("says so where there is no file, or none that can be read", async () => {
    const folder = tempFolder();
    const missing = await runCli(["check", "--config", join(folder, "none.json")]);
    expect([missing.code, missing.stdout]).toEqual([1, `${join(folder, "none.json")}: does not exist\n`]);
    writeFileSync(join(folder, "utf16.json"), Buffer.from(`\uFEFF${designExample}`, "utf16le"));
    const utf16 = await runCli(["check", "--config", join(folder, "utf16.json")]);
    expect([utf16.code, utf16.stdout]).toEqual([
      1,
      `${join(folder, "utf16.json")}: is UTF-16; save it as UTF-8\n`,
    ]);
    writeFileSync(join(folder, "latin1.json"), Buffer.from('{"version": 1,\n"note": "Zürich"}', "latin1"));
    const latin1 = await runCli(["check", "--config", join(folder, "latin1.json")]);
    expect([latin1.code, latin1.stdout]).toEqual([
      1,
      `${join(folder, "latin1.json")}: is not UTF-8 (line 2); save it as UTF-8\n`,
    ]);
    truncateSync(join(folder, "latin1.json"), 21 * 1024 * 1024);
    const large = await runCli(["check", "--config", join(folder, "latin1.json")]);
    expect([large.code, large.stdout]).toEqual([1, `${join(folder, "latin1.json")}: is larger than 20 MB\n`]);
    const directory = await runCli(["check", "--config", folder]);
    expect([directory.code, directory.stdout]).toEqual([1, `${folder}: cannot be read (EISDIR)\n`]);
  });
});

describe("wrong usage ends with 2 and says what is wrong:", () => {
  test.each<readonly [readonly string[], string]>([
    [["serve", "--bogus"], "unknown option '--bogus'"],
    [["bogus"], "unknown command 'bogus'"],
    [["check"], "required option '--config <file>' not specified"],
    [["serve", "--config"], "argument missing"],
    [["sandbox", "--base-port", "x"], "Write a whole number from 0 to 60000."],
    [["sandbox", "--base-port", ""], "Write a whole number from 0 to 60000."],
    [["sandbox", "--base-port", "60001"], "Write a whole number from 0 to 60000."],
    [["sandbox", "--instances", "0"], "Write a whole number from 1 to 8."],
    [["sandbox", "--instances", "2.5"], "Write a whole number from 1 to 8."],
    [["serve", "--sandbox", "--ui", "nowhere"], "--ui nowhere is not an address"],
    [["serve"], "serve needs --config FILE"],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await runCli(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});

test.each([["--help"], ["serve", "--help"]])("%s ends with 0", async (...args) => {
  const { code, stdout } = await runCli(args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Usage: shunt/);
});

describe("--version", () => {
  const forwarding = async (env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout } = await runCli(["--version"], env);
    expect(code).toBe(0);
    return /^\d+\.\d+\.\d+\nForwarding: (.+)\n$/.exec(stdout)?.[1];
  };
  const native = nativeTools();

  test("tells the version, and that and why there is no native addon", async () => {
    expect(await forwarding()).toMatch(/^JavaScript, without the native addon: .+/);
    expect(await forwarding({ SHUNT_NATIVE: "0" })).toContain("switched off by SHUNT_NATIVE=0");
  });

  test.skipIf("missing" in native)(
    `tells where it is there${"missing" in native ? ` (${native.missing})` : ""}`,
    async () => {
      await buildNative({ output: join(dirname(builtCli()), "../native/shunt.node") });
      expect(await forwarding()).toBe("native");
    },
  );
});
