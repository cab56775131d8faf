/** `shunt galvanometer` where its browser does not do what it should; with a real one: test/e2e/galvanometer-browser.e2e.test.ts. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { buildBeforeAll, runCli } from "./built-cli.ts";

cleanUpAfterEach();
buildBeforeAll();

const config = JSON.stringify({ version: 1, backends: [{ id: "one", admin: "http://127.0.0.1:9" }] });

test.each([
  ["is not there", "none", "cannot be started (ENOENT); name another with --browser PATH."],
  ["is no program", "config.json", "cannot be started (EACCES); name another with --browser PATH."],
  ["ends with a failure", "failing", "ended with exit code 3."],
])("a browser that %s ends it with 1 and the reason", async (_what, browser, reason) => {
  const folder = tempFolder({ "config.json": config, failing: "#!/bin/sh\nexit 3\n" });
  chmodSync(join(folder, "failing"), 0o755);
  const program = join(folder, browser);
  const flags = ["--config", join(folder, "config.json"), "--browser", program];
  const { code, stderr } = await runCli(["galvanometer", "one", ...flags]);
  expect(stderr).toContain(`shunt: ${program} ${reason}\n`);
  expect(code).toBe(1);
});

test("a backend that is not there ends it with 1 and the names of those that are", async () => {
  const folder = tempFolder({ "config.json": config });
  const { code, stderr } = await runCli(["galvanometer", "two", "--config", join(folder, "config.json")]);
  expect(stderr).toBe("shunt: There is no backend two. Known: one.\n");
  expect(code).toBe(1);
});
