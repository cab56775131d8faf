import { utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { whyNpmFailed } from "../../scripts/setup/npm.mjs";
import { packagesAction } from "../../scripts/setup/packages.mjs";
import { tempFolder } from "./temp-folder.ts";

const lock = "package-lock.json";
const installed = "node_modules/.package-lock.json";

describe("the npm packages", () => {
  test.each([
    { what: "a fresh clone runs npm ci", times: { [lock]: 100 }, action: "ci" },
    {
      what: "an install newer than the lock file is left alone",
      times: { [lock]: 100, [installed]: 200 },
      action: "nothing",
    },
    { what: "a newer lock file runs npm ci", times: { [lock]: 300, [installed]: 200 }, action: "ci" },
    {
      what: "an install that was cut short runs npm ci",
      times: { [lock]: 100, "node_modules/ws/x": 200 },
      action: "ci",
    },
    { what: "no lock file runs npm install", times: { "package.json": 100 }, action: "install" },
  ])("$what", ({ times, action }) => {
    const folder = tempFolder(Object.fromEntries(Object.keys(times).map((path) => [path, "{}"])));
    for (const [path, seconds] of Object.entries(times)) utimesSync(join(folder, path), seconds, seconds);
    expect(packagesAction(folder)).toBe(action);
  });
});

describe("a failure of npm is one sentence", () => {
  test.each([
    {
      output: "npm error code ENOTFOUND\nnpm error syscall getaddrinfo",
      says: "cannot be reached (ENOTFOUND)",
    },
    { output: "npm ERR! code ECONNREFUSED\n", says: "cannot be reached (ECONNREFUSED)" },
    { output: "npm error code EUSAGE\nnpm error `npm ci` can only install", says: "do not agree" },
    {
      output: "npm error code E404\nnpm error 404 Not Found - x",
      says: "npm failed with E404: 404 Not Found - x",
    },
    { output: "", says: "npm failed with exit code 7" },
  ])("$says", ({ output, says }) => {
    const sentence = whyNpmFailed({ code: 7, output, timedOut: false });
    expect(sentence).toContain(says);
    expect(sentence).not.toContain("\n");
  });

  test("a registry that never answers", () => {
    expect(whyNpmFailed({ code: 137, output: "", timedOut: true })).toContain("did not answer");
  });
});
