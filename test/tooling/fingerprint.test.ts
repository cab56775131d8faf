import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fingerprint, isStale } from "../../scripts/setup/fingerprint.mjs";
import { tempFolder } from "./temp-folder.ts";

const files = { "app/a.ts": "one", "app/deep/b.ts": "two", "other/c.ts": "three", "package.json": "{}" };
const inputs = ["app", "package.json"];

describe("a fingerprint", () => {
  const changes: Record<string, (folder: string) => void> = {
    "an edited file": (folder) => writeFileSync(join(folder, "app/a.ts"), "onE"),
    "a new file": (folder) => writeFileSync(join(folder, "app/deep/new.ts"), ""),
    "a deleted file": (folder) => rmSync(join(folder, "app/deep/b.ts")),
    "a renamed file": (folder) => renameSync(join(folder, "app/a.ts"), join(folder, "app/z.ts")),
    "text moved from one file to the next": (folder) => {
      writeFileSync(join(folder, "app/a.ts"), "onetwo");
      writeFileSync(join(folder, "app/deep/b.ts"), "");
    },
    "an edited single file": (folder) => writeFileSync(join(folder, "package.json"), "{ }"),
  };

  test.each(Object.keys(changes))("changes with %s", (change) => {
    const folder = tempFolder(files);
    const before = fingerprint(folder, inputs);
    changes[change]?.(folder);
    expect(fingerprint(folder, inputs)).not.toBe(before);
  });

  test("stays the same for another time stamp, another file, an empty folder and another place", () => {
    const folder = tempFolder(files);
    const before = fingerprint(folder, inputs);
    utimesSync(join(folder, "app/a.ts"), 1, 1);
    writeFileSync(join(folder, "other/c.ts"), "changed");
    mkdirSync(join(folder, "app/empty"));
    expect(fingerprint(folder, inputs)).toBe(before);
    expect(fingerprint(tempFolder(files), [...inputs, "does-not-exist"])).toBe(before);
  });
});

describe("a build", () => {
  test.each([
    { what: "with its stamp and outputs is fresh", stamp: "abc\n", output: true, stale: false },
    { what: "without a stamp is stale", stamp: null, output: true, stale: true },
    { what: "with another fingerprint is stale", stamp: "abd\n", output: true, stale: true },
    { what: "that lost an output is stale", stamp: "abc\n", output: false, stale: true },
  ])("$what", ({ stamp, output, stale }) => {
    const folder = tempFolder({
      ...(stamp && { "dist/x.stamp": stamp }),
      ...(output && { "dist/x.cjs": "" }),
    });
    const build = {
      stampFile: join(folder, "dist/x.stamp"),
      fingerprint: "abc",
      outputs: [join(folder, "dist/x.cjs")],
    };
    expect(isStale(build)).toBe(stale);
  });
});
