/** The search for the secrets of the tests finds them in each encoding, in what is left of one, and where each Shunt ends (S9). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { judge } from "../../scripts/proof/judge.mjs";
import { secretSearchOf } from "../../scripts/proof/secret-search.mjs";
import { securityRows } from "../../scripts/proof/security-rows.mjs";
import { buildBeforeAll, runCli } from "../cli/built-cli.ts";
import { runService } from "../service/running-service.ts";
import { cleanUpAfterEach, runCleanups, runEngine } from "../support/running-engine.ts";
import { secretKinds } from "../support/secret-kinds.ts";
import { findSecrets, leakOnPurpose } from "../support/secret-search.ts";
import { describeTally, missingIn, sinks, sumTally } from "../support/secret-tally.ts";
import { knowSecret, plainSecretOf, secretOf } from "../support/suite-secrets.ts";
import { tempFolder } from "./temp-folder.ts";

cleanUpAfterEach();
buildBeforeAll();

const one = secretOf("SSH password");
const basic = (secret: string) => Buffer.from(`ops:${secret}`).toString("base64");

test.each([
  ["raw", `x${one}x`],
  ["raw", Buffer.from(`x${one}x`, "latin1")],
  ["%", encodeURIComponent(one)],
  ["%", new URLSearchParams({ secret: one }).toString()],
  ["JSON", JSON.stringify({ a: one })],
  ["JSON", JSON.stringify(JSON.stringify({ a: one }))],
  ["base64", Buffer.from(one).toString("base64")],
  ["base64", Buffer.from(`u:${one}`).toString("base64")],
  ["base64", basic(one)],
  ["UTF-16", Buffer.from(one, "utf16le")],
  ["UTF-16", Buffer.from(one, "utf16le").swap16()],
  ["hex", Buffer.from(one).toString("hex")],
  ["text", `pw=${one.slice(0, 20)}`],
  ["text", `pw=***${one.slice(-18)}`],
  ["text", plainSecretOf("SSH password")],
])("a secret is found as %s in %j", (encoding, content) => {
  expect(findSecrets({ clean: "SSH password", place: content })).toEqual([
    `SSH password as ${encoding} in place`,
  ]);
});

test("a secret that something else made is found in each encoding too", () => {
  const token = knowSecret("API token", "T0k/n+made.elsewhere");
  const places = {
    raw: token,
    percent: encodeURIComponent(token),
    json: JSON.stringify({ token }),
    base64: basic(token),
    utf16: Buffer.from(token, "utf16le"),
  };
  const found = findSecrets({ ...places, none: token.slice(0, -1) });
  expect(found.map((line) => line.split(" in ")[1])).toEqual(Object.keys(places));
});

test("what an engine tells is looked through when it ends", async () => {
  await runEngine({
    version: 1,
    backends: [{ id: plainSecretOf("SSH password"), amps: "tcp://127.0.0.1:9" }],
  });
  expect(await leakOnPurpose(runCleanups)).toMatch(
    /^secrets found at the end of an engine: .*SSH password as text in snapshot/,
  );
});

test("what a service tells and saves is looked through when it ends", async () => {
  const backends = [{ id: "b", amps: "tcp://127.0.0.1:9" }];
  const document = { version: 1 as const, tunnels: [], backends, pools: [], routes: [] };
  const { ask } = await runService(document);
  await ask("config.put", {
    revision: 1,
    config: { ...document, backends: [{ ...backends[0], note: one }] },
  });
  expect(await leakOnPurpose(runCleanups)).toMatch(/end of a service: .*SSH password as JSON in saves/);
});

test("what a command says, and its arguments, are looked through when it ends", async () => {
  const file = `/nowhere/${plainSecretOf("environment secret")}`;
  await runCli(["check", "--config", file]);
  expect(await leakOnPurpose(runCleanups)).toMatch(
    /end of a command: environment secret as text in stdout; environment secret as text in command lines$/,
  );
});

test("a whole run that has left a sink or a kind of secret out says which", () => {
  const folder = mkdtempSync(join(tmpdir(), "shunt-tally-"));
  const empty = sumTally(folder);
  rmSync(folder, { recursive: true });
  expect(missingIn(empty, ["fast", "e2e"])).toEqual([...Object.keys(sinks), ...secretKinds]);
  const some = { sinks: { "an engine": 2, "a command": 1 }, planted: secretKinds.slice(1), found: [] };
  expect(missingIn(some, ["fast"])).toEqual(["a service", "a set of tunnels"]);
  expect(missingIn(some, ["fast", "e2e"])).toContain(secretKinds[0]);
  expect(describeTally(some)).toBe(
    "16 kinds of secrets, looked for at the end of 2 × an engine, 1 × a command",
  );
});

test("a proof says how many of the test files its figure is from, and fails where one found a secret", () => {
  const said = "17 kinds of secrets, looked for at the end of 3 × an engine";
  const results = (run: object) =>
    secretSearchOf(join(tempFolder({ "secrets.json": JSON.stringify(run) }), "secrets.json"));
  const run = { files: 2, all: 9, said, sinks: { "an engine": 3 }, found: [] };
  const row = securityRows.find(({ id }) => id === "S9");
  const verdict = (one: object) => row && judge(row, results(one), false);
  expect(verdict(run)).toMatchObject({ verdict: "pass", figure: `2 of 9 test files ran: ${said}: 0 found` });
  expect(verdict({ ...run, found: ["an engine: cookie"] })).toMatchObject({ verdict: "FAIL" });
  expect(results({ ...run, sinks: {} })).toEqual([]);
  expect(secretSearchOf("/nowhere/secrets.json")).toEqual([]);
});
