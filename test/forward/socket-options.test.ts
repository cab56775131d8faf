/** That accepted sockets share a hidden class (decision 97): V8 may do otherwise one day, and nobody would notice but the clients. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { tempFolder } from "../tooling/temp-folder.ts";

function accepted(how: "prepared" | "plain"): unknown {
  const outfile = join(tempFolder(), "accepted-options-child.mjs");
  const source = join(import.meta.dirname, "accepted-options-child.ts");
  buildSync({ entryPoints: [source], outfile, bundle: true, platform: "node", format: "esm" });
  const said = execFileSync(process.execPath, ["--allow-natives-syntax", outfile, how], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return JSON.parse(said);
}

test("options of accepted sockets are copied into one hidden class, and without the preparation into one each", () => {
  expect(accepted("prepared")).toEqual({ copies: 200, alike: true });
  expect(accepted("plain")).toEqual({ copies: 200, alike: false });
});
