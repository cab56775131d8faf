/** Secrets at rest: encrypted or not at all, kept only once they worked, and forgotten for good. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Encryptor, Keychain } from "../../../main/desktop/operator/keychain.ts";
import { SecretVault } from "../../../main/desktop/operator/secret-vault.ts";
import { findSecrets } from "../../support/secret-search.ts";
import { secretOf } from "../../support/suite-secrets.ts";

let directory: string;
let logged: string[];
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "shunt-vault-"));
  logged = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function encryptorWith(key: Buffer): Encryptor {
  return {
    encrypt: async (text) => {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    },
    decrypt: async (blob) => {
      const cipher = createDecipheriv("aes-256-gcm", key, blob.subarray(0, 12));
      cipher.setAuthTag(blob.subarray(-16));
      return Buffer.concat([cipher.update(blob.subarray(12, -16)), cipher.final()]).toString("utf8");
    },
  };
}

const key = randomBytes(32);
const real: Keychain = { is: "there", name: "a keychain", encryptor: encryptorWith(key) };
const absent: Keychain = { is: "absent", why: "This system offers no keychain." };
const name = { tunnel: "bastion", kind: "password", account: "ops@jump" } as const;
const secret = secretOf("SSH password");

const file = () => path.join(directory, "secrets.json");
const open = (keychain: Keychain = real) =>
  new SecretVault({ file: file(), keychain: async () => keychain, log: (text) => logged.push(text) });

async function keep(vault: SecretVault, one: Parameters<SecretVault["offer"]>[0] = name): Promise<void> {
  vault.offer(one, secret, true);
  await vault.prove(one.tunnel);
}

test("what worked is kept encrypted, in a file that only its owner reads, and is there after a start", async () => {
  await keep(open());
  expect(findSecrets({ text: readFileSync(file()) })).toEqual([]);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(["secrets.json"]);
  const again = open();
  expect(again.kept()).toEqual([{ ...name, kept: "keychain" }]);
  expect(await again.read(name)).toBe(secret);
  expect(await again.read({ ...name, account: "ops@another" })).toBeNull();
  expect(await again.read({ ...name, tunnel: "another" })).toBeNull();
});

test("what was only offered is neither read nor written", async () => {
  const vault = open();
  vault.offer(name, secret, true);
  expect(await vault.read(name)).toBeNull();
  await vault.prove("another");
  expect(readdirSync(directory)).toEqual([]);
});

test("without the wish, or without a real keychain, it is kept for this run and never written", async () => {
  for (const [vault, wish] of [
    [open(), false],
    [open(absent), true],
  ] as const) {
    vault.offer(name, secret, wish);
    await vault.prove("bastion");
    expect(await vault.read(name)).toBe(secret);
    expect(vault.kept()).toEqual([{ ...name, kept: "run" }]);
    expect(readdirSync(directory)).toEqual([]);
  }
  expect(await open(absent).keeping()).toEqual({ can: false, why: absent.why });
});

test("a keychain that is away for once loses nothing; one that opens nothing any more is believed", async () => {
  await keep(open());
  const before = readFileSync(file(), "utf8");
  expect(await open(absent).read(name)).toBeNull();
  expect(readFileSync(file(), "utf8")).toBe(before);
  const other = open({ ...real, encryptor: encryptorWith(randomBytes(32)) });
  expect(await other.read(name)).toBeNull();
  expect(other.kept()).toEqual([]);
  expect(findSecrets({ log: logged.join() })).toEqual([]);
});

test("forgetting takes a tunnel's secrets out of memory and file, and tells", async () => {
  const vault = open();
  const told: unknown[] = [];
  vault.onKept((kept) => told.push(kept));
  await keep(vault);
  await keep(vault, { ...name, tunnel: "other" });
  vault.offer({ ...name, kind: "passphrase", account: "/k" }, "p", false);
  await vault.prove("bastion");
  vault.forget("bastion");
  expect(vault.kept()).toEqual([{ ...name, tunnel: "other", kept: "keychain" }]);
  expect(told.at(-1)).toEqual(vault.kept());
  expect(open().kept()).toEqual(vault.kept());
  vault.retain(["bastion"]);
  expect(open().kept()).toEqual([]);
});

test("a new secret replaces the old one", async () => {
  const vault = open();
  await keep(vault);
  vault.offer(name, "another", true);
  await vault.prove("bastion");
  expect(await open().read(name)).toBe("another");
  expect(open().kept()).toHaveLength(1);
});

describe.each([
  ["no JSON", "{"],
  ["another form", '{"version":1,"secrets":[{"tunnel":"t"}]}'],
  ["another version", '{"version":2,"secrets":[]}'],
])("a file that is %s", (_what, text) => {
  test("is set aside, named in the log, and begun anew", async () => {
    writeFileSync(file(), text);
    const vault = open();
    expect(vault.kept()).toEqual([]);
    expect(logged.join()).toContain("set aside");
    await keep(vault);
    expect(readFileSync(`${file()}.damaged`, "utf8")).toBe(text);
    expect(await open().read(name)).toBe(secret);
  });
});

test("a file that cannot be written costs the wish, not the secret", async () => {
  const vault = new SecretVault({
    file: "/dev/null/secrets.json",
    keychain: async () => real,
    log: (text) => logged.push(text),
  });
  vault.offer(name, secret, true);
  await vault.prove("bastion");
  expect(vault.kept()).toEqual([{ ...name, kept: "run" }]);
  expect(await vault.read(name)).toBe(secret);
});
