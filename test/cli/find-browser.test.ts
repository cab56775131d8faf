/** Where a Chromium-family browser is looked for. */
import { expect, test } from "vitest";
import { findBrowser } from "../../main/cli/find-browser.ts";

const only = (path: string) => (candidate: string) => candidate === path;

test.each([
  ["linux", { PATH: "/usr/local/bin:/usr/bin" }, "/usr/bin/google-chrome"],
  ["darwin", {}, "/Applications/Chromium.app/Contents/MacOS/Chromium"],
  ["win32", { PROGRAMFILES: "C:\\Programs" }, "C:\\Programs\\Microsoft\\Edge\\Application\\msedge.exe"],
] as const)("on %s it is found where it is installed", (platform, env, path) => {
  expect(findBrowser({ platform, env, isProgram: only(path) })).toBe(path);
});

test("nothing is invented where there is none", () => {
  for (const platform of ["linux", "darwin", "win32"] as const)
    expect(findBrowser({ platform, env: { PATH: "/usr/bin" }, isProgram: () => false })).toBeNull();
});
