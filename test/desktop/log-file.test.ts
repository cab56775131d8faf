import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLogFile } from "../../main/desktop/log-file.ts";
import type { SecretKind } from "../support/secret-kinds.ts";
import { findSecrets } from "../support/secret-search.ts";
import { secretOf } from "../support/suite-secrets.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), "shunt-log-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("an entry is one dated line in a file that only its owner reads", () => {
  const logs = path.join(directory, "logs");
  openLogFile(logs, () => new Date(0)).write("the page ended: crashed");
  const file = path.join(logs, "shunt.log");
  expect(readFileSync(file, "utf8")).toBe("1970-01-01T00:00:00.000Z the page ended: crashed\n");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(logs).mode & 0o777).toBe(0o700);
});

test("the log never takes more than two files of 1 MiB", () => {
  const log = openLogFile(directory);
  for (let count = 0; count < 400; count++) log.write("x".repeat(20_000));
  expect(readdirSync(directory).sort()).toEqual(["shunt.log", "shunt.log.1"]);
  for (const name of readdirSync(directory))
    expect(statSync(path.join(directory, name)).size).toBeLessThanOrEqual(1024 * 1024);
});

test("a log that cannot be written throws nothing", () => {
  expect(() => openLogFile("/dev/null/logs").write("lost")).not.toThrow();
});

test("an entry holds no credential", () => {
  const log = openLogFile(directory);
  const inUrl = (kind: SecretKind) => encodeURIComponent(secretOf(kind));
  const basic = (kind: SecretKind) => Buffer.from(`ops:${secretOf(kind)}`).toString("base64");
  log.write(`tcp://ops:${inUrl("URL user info")}@amps:9007 failed`);
  log.write(`GET /x?password=${inUrl("URL parameter")}&a=1 failed`);
  log.write(`GET /go?to=${encodeURIComponent(`http://ops:${inUrl("nested URL")}@host`)} failed`);
  log.write(`sent ${JSON.stringify({ c: "logon", pw: secretOf("AMPS password"), user_id: "ops" })}`);
  log.write(`Authorization: Basic ${basic("Authorization")}`);
  log.write(`proxy-authorization: Basic ${basic("Proxy-Authorization")}`);
  log.write(`Set-Cookie: session=${secretOf("cookie")}; Path=/`);
  log.write(`-----BEGIN PRIVATE KEY-----\n${secretOf("private key")}\n-----END PRIVATE KEY-----`);
  log.write(JSON.stringify({ passphrase: secretOf("passphrase"), token: secretOf("API token") }));
  const text = readFileSync(path.join(directory, "shunt.log"));
  expect(text.toString().split("\n")).toHaveLength(10);
  expect(findSecrets({ text })).toEqual([]);
});
