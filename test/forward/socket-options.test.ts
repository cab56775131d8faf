/** That accepted sockets share a hidden class (decision 97): V8 may do otherwise one day, and nobody would notice but the clients. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleForNode } from "../../scripts/bundle-tests.mjs";
import { tempFolder } from "../tooling/temp-folder.ts";

function accepted(program: string, how: "prepared" | "plain"): unknown {
  const said = execFileSync(process.execPath, ["--allow-natives-syntax", program, how], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return JSON.parse(said);
}

test("options of accepted sockets are copied into one hidden class, and without the preparation into one each", async () => {
  const program = join(tempFolder(), "accepted-options-child.mjs");
  await bundleForNode(join(import.meta.dirname, "accepted-options-child.ts"), program);
  expect(accepted(program, "prepared")).toEqual({ copies: 200, alike: true });
  expect(accepted(program, "plain")).toEqual({ copies: 200, alike: false });
});
