/** A dead name server holds up nobody else. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import type { LookupAddress } from "node:dns";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { lookupTimedOut, NameLookups } from "../../app/forward/name-lookup.ts";
import { buildBeforeAll, startCli } from "../cli/built-cli.ts";
import { cleanUpAfterEach, until } from "../support/running-engine.ts";
import { freePort } from "../support/free-port.ts";
import { tempFolder } from "../tooling/temp-folder.ts";

cleanUpAfterEach();
buildBeforeAll();

const found: LookupAddress[] = [{ address: "10.0.0.1", family: 4 }];

/** Names that begin with `dead` are never answered. */
function fakeSystem() {
  const asked: string[] = [];
  const lookup: NonNullable<ConstructorParameters<typeof NameLookups>[0]>["lookup"] = (
    name,
    _options,
    done,
  ) => {
    asked.push(name);
    if (!name.startsWith("dead")) setImmediate(() => done(null, found));
  };
  return { asked, lookup };
}

test("a name that is never answered fails at the limit, and others are answered meanwhile", async () => {
  const { asked, lookup } = fakeSystem();
  const names = new NameLookups({ limitMs: 300, lookup });
  const dead = Array.from({ length: 8 }, (_, n) => names.find(`dead-${n}`).catch((error: Error) => error));
  expect(await names.find("good")).toEqual(found);
  for (const outcome of await Promise.all(dead)) expect(outcome).toMatchObject({ code: lookupTimedOut });
  // Those are still being asked: nobody asks again, however often they are wanted.
  await expect(names.find("dead-1")).rejects.toMatchObject({ code: lookupTimedOut });
  expect(asked.filter((name) => name === "dead-1")).toHaveLength(1);
});

test("no more are asked at once than there are threads for, and what waits has the same limit", async () => {
  const { asked, lookup } = fakeSystem();
  const names = new NameLookups({ limitMs: 200, atOnce: 2, lookup });
  const all = ["dead-1", "dead-2", "good"].map((name) => names.find(name).catch((error: Error) => error));
  for (const outcome of await Promise.all(all)) expect(outcome).toMatchObject({ code: lookupTimedOut });
  expect(asked).toEqual(["dead-1", "dead-2"]);
});

test("what waits is asked as soon as there is room", async () => {
  const { lookup } = fakeSystem();
  const names = new NameLookups({ atOnce: 1, lookup });
  expect(await Promise.all(["a", "b", "a", "c"].map((name) => names.find(name)))).toEqual([
    found,
    found,
    found,
    found,
  ]);
});

test.skipIf(process.platform !== "linux")("shunt has 64 threads to look names up on", async () => {
  const document = {
    version: 1,
    backends: [{ id: "b", amps: "tcp://localhost:1" }],
    routes: [{ id: "r", listen: await freePort(), transport: "amps", target: "b" }],
  };
  const file = join(tempFolder({ "config.json": JSON.stringify(document) }), "config.json");
  const cli = startCli(["serve", "--config", file, "--no-ui", "--json"]);
  await cli.line(({ event }) => event === "ready");
  await until(() => readdirSync(`/proc/${cli.child.pid}/task`).length > 64, "the threads");
});

test("a look-up without a descriptor says so, in the doctor too, and not that the name is unknown", () => {
  const program = join(tempFolder(), "lookup-scarcity.mjs");
  const entryPoints = [join(import.meta.dirname, "lookup-scarcity.ts")];
  buildSync({ entryPoints, outfile: program, bundle: true, platform: "node", format: "esm" });
  const limited = ["-c", 'ulimit -n 64 && exec "$0" "$1"', process.execPath, program];
  const told: unknown = JSON.parse(execFileSync("/bin/sh", limited, { encoding: "utf8" }));
  expect(told).toEqual(["EMFILE", "OUT_OF_DESCRIPTORS", "found"]);
});
