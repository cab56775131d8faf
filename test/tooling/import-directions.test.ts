import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/setup/paths.mjs";
import { tempFolder } from "./temp-folder.ts";

/** A house whose imports all point one way. */
const house = {
  "app/contract/config.ts":
    "export interface Config { readonly version: 1 } export const names: string[] = [];",
  "app/config/parse.ts":
    'import type { Config } from "../contract/config.ts"; export const parse = (): Config => ({ version: 1 });',
  "app/engine/engine.ts": 'import { parse } from "../config/parse.ts"; export const run = parse;',
  "main/desktop/main.ts":
    'import { app } from "electron"; import { run } from "../../app/engine/engine.ts"; run(); app.quit();',
  "renderer/src/app.ts":
    'import type { Config } from "../../app/contract/config.ts"; export type Shown = Config;',
  "test/engine.test.ts": 'import { run } from "../app/engine/engine.ts"; run();',
};

/** Files that do not belong in it: what each does, and the rule that must name it. */
const intruders = {
  "app/engine/window.ts": {
    text: 'import { app } from "electron"; app.quit();',
    rules: ["app-knows-no-screen", "only-main-imports-electron"],
  },
  "app/engine/upwards.ts": {
    text: 'import "../../main/desktop/main.ts";',
    rules: ["app-knows-no-screen"],
  },
  "renderer/src/engine-type.ts": {
    text: 'import type { run } from "../../app/engine/engine.ts"; export type Run = typeof run;',
    rules: ["renderer-knows-the-contract-only"],
  },
  "renderer/src/contract-code.ts": {
    text: 'import { names } from "../../app/contract/config.ts"; names.pop();',
    rules: ["renderer-imports-types-of-the-contract"],
  },
  "main/desktop/screen.ts": {
    text: 'import type { Shown } from "../../renderer/src/app.ts"; export type Screen = Shown;',
    rules: ["main-shows-nothing"],
  },
  "app/contract/leaning.ts": {
    text: 'import { parse } from "../config/parse.ts"; parse();',
    rules: ["contract-depends-on-nothing"],
  },
  "app/balance/choose.ts": {
    text: 'import { run } from "../engine/engine.ts"; run();',
    rules: ["decisions-know-no-engine"],
  },
  "main/cli/tested.ts": { text: 'import "../../test/engine.test.ts";', rules: ["nothing-imports-tests"] },
  "app/engine/lost.ts": { text: 'import "./nowhere.ts";', rules: ["resolvable"] },
  "app/engine/a.ts": {
    text: 'import type { B } from "./b.ts"; export type A = B | 1;',
    rules: ["no-cycles"],
  },
  "app/engine/b.ts": { text: 'import type { A } from "./a.ts"; export type B = A | 2;', rules: [] },
};

/** `file: rule` of everything that the tool refuses in a house with these files. */
function refusals(files: Readonly<Record<string, string>>): string[] {
  const folder = tempFolder(files);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const cruise = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const config = join(root, "dependency-cruiser.config.mjs");
  const args = [cruise, "--config", config, "--output-type", "json", "app", "main", "renderer", "test"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  return report.summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`);
}

test("imports that point one way are let through", () => {
  expect(refusals(house)).toEqual([]);
});

test("imports that point another way are refused, each by its rule", () => {
  const texts = Object.fromEntries(Object.entries(intruders).map(([file, { text }]) => [file, text]));
  const expected = Object.entries(intruders).flatMap(([file, { rules }]) =>
    rules.map((rule) => `${file}: ${rule}`),
  );
  const found = refusals({ ...house, ...texts });
  expect(found).toEqual(expect.arrayContaining(expected));
  expect(
    found.filter((refusal) => Object.keys(house).some((file) => refusal.startsWith(`${file}:`))),
  ).toEqual([]);
});
