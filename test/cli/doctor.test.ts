import { join } from "node:path";
import { expect, test } from "vitest";
import { runSandbox } from "../sandbox/running-sandbox.ts";
import { cleanUpAfterEach } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { tempFolder } from "../tooling/temp-folder.ts";
import { buildBeforeAll, runCli } from "./built-cli.ts";

cleanUpAfterEach();
buildBeforeAll();

test("doctor ends with 0 for a healthy backend, with 1 and the advice for another", async () => {
  const { a } = await runSandbox();
  const document = {
    version: 1,
    backends: [
      { id: "good", amps: `tcp://127.0.0.1:${a.ports.amps}`, admin: `http://127.0.0.1:${a.ports.admin}` },
      { id: "gone", amps: `tcp://127.0.0.1:${await freePort()}` },
    ],
  };
  const file = join(tempFolder({ "config.json": JSON.stringify(document) }), "config.json");
  const good = await runCli(["doctor", "--config", file, "good"]);
  expect(good).toMatchObject({ code: 0, stderr: "" });
  expect(good.stdout).toMatch(/amps\s+amps\s+ok\s+[\d.]+ ms {2}AMPS/);
  const both = await runCli(["doctor", "--config", file]);
  expect(both.code).toBe(1);
  expect(both.stdout).toMatch(/gone\n\s+amps\s+tcp\s+FAILED.*refused the connection\.\n\s+→ Check the port/);
  const unknown = await runCli(["doctor", "--config", file, "other"]);
  expect(unknown).toMatchObject({ code: 1, stderr: "shunt: there is no backend other; known: good, gone\n" });
});
