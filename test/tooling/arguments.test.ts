import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isUnpackedOnly, packageArguments, takeUpdatesFile } from "../../scripts/package-arguments.mjs";
import { savedConfigPath } from "../../scripts/setup/paths.mjs";
import { desktopArguments, headlessArguments, isStillborn } from "../../scripts/start-arguments.mjs";
import { testPlan } from "../../scripts/test-plan.mjs";

describe("npm start", () => {
  test("gives up Chromium's sandbox for root alone", () => {
    const start = { appFolder: "/shunt", extra: ["--hidden"] };
    expect(desktopArguments({ ...start, isRoot: false })).toEqual(["/shunt", "--hidden"]);
    expect(desktopArguments({ ...start, isRoot: true })).toEqual(["--no-sandbox", "/shunt", "--hidden"]);
  });

  test.each([
    { savedConfig: null, extra: [], args: ["serve", "--sandbox"] },
    { savedConfig: "/c.json", extra: [], args: ["serve", "--config", "/c.json"] },
    { savedConfig: "/c.json", extra: ["--json"], args: ["serve", "--config", "/c.json", "--json"] },
    { savedConfig: "/c.json", extra: ["--sandbox"], args: ["serve", "--sandbox"] },
    { savedConfig: null, extra: ["--config=/mine.json"], args: ["serve", "--config=/mine.json"] },
  ])("headless, saved $savedConfig and arguments $extra, runs $args", ({ savedConfig, extra, args }) => {
    expect(headlessArguments({ savedConfig, extra })).toEqual(args);
  });

  test.each([
    { platform: "linux" as const, env: {}, path: "/home/o/.config/shunt/config.json" },
    { platform: "linux" as const, env: { XDG_CONFIG_HOME: "/x" }, path: "/x/shunt/config.json" },
    { platform: "darwin" as const, env: {}, path: "/home/o/Library/Application Support/shunt/config.json" },
    { platform: "win32" as const, env: { APPDATA: "/roaming" }, path: "/roaming/shunt/config.json" },
    { platform: "linux" as const, env: { SHUNT_USER_DATA: "/mine" }, path: "/mine/config.json" },
  ])("looks for the desktop's configuration in $path", ({ platform, env, path }) => {
    expect(savedConfigPath({ platform, env, home: "/home/o" })).toBe(join(path));
  });

  test.each([
    { end: { code: 134, signal: "SIGABRT", lastedMs: 300 }, stillborn: true },
    { end: { code: 127, signal: null, lastedMs: 10 }, stillborn: true },
    { end: { code: 134, signal: "SIGABRT", lastedMs: 60_000 }, stillborn: false },
    { end: { code: 143, signal: "SIGTERM", lastedMs: 300 }, stillborn: false },
    { end: { code: 0, signal: null, lastedMs: 300 }, stillborn: false },
    { end: { code: 1, signal: null, lastedMs: 300 }, stillborn: false },
  ])("takes $end for an Electron that cannot run: $stillborn", ({ end, stillborn }) => {
    expect(isStillborn(end)).toBe(stillborn);
  });
});

describe("npm test", () => {
  test("does everything without arguments", () => {
    expect(testPlan([])).toEqual({
      endToEnd: true,
      checks: true,
      vitestArgs: ["--project", "fast", "--project", "e2e"],
    });
  });

  test("--quick leaves out the end-to-end suite and still checks", () => {
    expect(testPlan(["--quick"])).toEqual({
      endToEnd: false,
      checks: true,
      vitestArgs: ["--project", "fast"],
    });
  });

  test("hands a choice of tests to vitest and runs just that", () => {
    const args = ["test/app", "-t", "half-close"];
    expect(testPlan(args)).toEqual({
      endToEnd: true,
      checks: false,
      vitestArgs: ["--project", "fast", "--project", "e2e", ...args],
    });
    expect(testPlan(["--quick", "--project=unit"]).vitestArgs).toEqual(["--project=unit"]);
  });
});

describe("npm run package", () => {
  const onLinux = { platform: "linux" as const, arch: "x64" };

  test("names the distribution's folder and version", () => {
    const runtime = { path: "/el/electron", version: "25.1.1" };
    expect(packageArguments({ ...onLinux, extra: ["--linux", "dir"], runtime })).toEqual([
      "--linux",
      "dir",
      "-c.electronDist=/el",
      "-c.electronVersion=25.1.1",
    ]);
    const bundle = { path: "/el/dist/Electron.app/Contents/MacOS/Electron", version: "25.1.1" };
    const onMac = { platform: "darwin" as const, arch: "arm64" };
    expect(packageArguments({ ...onMac, extra: [], runtime: bundle })).toContain("-c.electronDist=/el/dist");
  });

  test("sets every fuse that the Electron has", () => {
    const fuse = "-c.electronFuses.grantFileProtocolExtraPrivileges=false";
    const at = (version: string) =>
      packageArguments({ ...onLinux, extra: [], runtime: { path: "/el/electron", version } });
    expect(at("28.0.0")).not.toContain(fuse);
    expect(at("29.0.0")).toContain(fuse);
    expect(at("45.4.1")).toContain(fuse);
  });

  test("keeps for itself the file that says where updates are asked for", () => {
    const args = ["--linux", "deb", "--updates", "/etc/shunt/updates.json", "--x64"];
    expect(takeUpdatesFile(args)).toEqual({
      updatesFile: "/etc/shunt/updates.json",
      extra: ["--linux", "deb", "--x64"],
    });
    expect(takeUpdatesFile(["--dir"])).toEqual({ updatesFile: null, extra: ["--dir"] });
    expect(() => takeUpdatesFile(["--updates", "--dir"])).toThrow("--updates wants a file");
  });

  test.each([["--mac"], ["--win"], ["--linux", "--arm64"]])(
    "lets electron-builder fetch the Electron for %s %s",
    (...extra) => {
      const runtime = { path: "/el/electron", version: "45.4.1" };
      expect(packageArguments({ ...onLinux, extra, runtime }).join(" ")).not.toContain("electronDist");
    },
  );

  test.each([
    { extra: ["--linux", "dir"], unpacked: true },
    { extra: ["--linux", "dir", "-c.directories.output=/tmp/x"], unpacked: true },
    { extra: ["--dir"], unpacked: true },
    { extra: [], unpacked: false },
    { extra: ["--linux"], unpacked: false },
    { extra: ["--linux", "AppImage", "dir"], unpacked: false },
  ])("takes the old Electron for $extra: $unpacked", ({ extra, unpacked }) => {
    expect(isUnpackedOnly(extra)).toBe(unpacked);
  });
});
