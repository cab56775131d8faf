/** Only a keychain that proves itself is believed; every other is named. */
import { describe, expect, test } from "vitest";
import { findKeychain, type Storage } from "../../../main/desktop/operator/keychain.ts";

const turned = (text: string) => Buffer.from([...Buffer.from(text)].map((byte) => byte ^ 0x55));
const back = (blob: Buffer) => Buffer.from([...blob].map((byte) => byte ^ 0x55)).toString();
const fails = () => {
  throw new Error("the keyring is locked");
};
const sync: Storage = {
  isEncryptionAvailable: () => true,
  encryptString: turned,
  decryptString: back,
};
const modern: Storage = {
  isAsyncEncryptionAvailable: async () => true,
  encryptStringAsync: async (text) => turned(text),
  decryptStringAsync: async (blob) => ({ result: back(blob), shouldReEncrypt: false }),
  isEncryptionAvailable: fails,
  encryptString: fails,
  decryptString: fails,
};

type Row = readonly [string, Storage, NodeJS.Platform, string];

describe("a keychain is there", () => {
  test.each<Row>([
    ["on an old Electron", sync, "linux", "this desktop's keyring"],
    [
      "with a named backend",
      { ...modern, getSelectedStorageBackend: () => "kwallet6" },
      "linux",
      "this desktop's keyring (kwallet6)",
    ],
    ["by the asynchronous methods alone", modern, "darwin", "the macOS keychain"],
    ["on Windows", modern, "win32", "Windows data protection"],
  ])("%s", async (_title, storage, platform, name) => {
    const keychain = await findKeychain(storage, platform);
    if (keychain.is !== "there") throw new Error(keychain.why);
    expect(keychain.name).toBe(name);
    expect(await keychain.encryptor.decrypt(await keychain.encryptor.encrypt("a\u00e4"))).toBe("a\u00e4");
  });
});

describe("a keychain is absent", () => {
  test.each<readonly [string, Storage, string]>([
    ["when only basic text is", { ...sync, getSelectedStorageBackend: () => "basic_text" }, "basic_text"],
    ["before it is known", { ...modern, getSelectedStorageBackend: () => "unknown" }, "unknown"],
    ["when it says so", { ...sync, isEncryptionAvailable: () => false }, "no keychain"],
    ["when it says so later", { ...modern, isAsyncEncryptionAvailable: async () => false }, "no keychain"],
    ["when it throws", { ...sync, encryptString: fails }, "the keyring is locked"],
    [
      "when it does not encrypt",
      { ...sync, encryptString: (text: string) => Buffer.from(text) },
      "does not encrypt",
    ],
    ["when it gives back something else", { ...sync, decryptString: () => "x" }, "does not encrypt"],
    ["when there is nothing", {}, "no keychain"],
  ])("%s", async (_title, storage, words) => {
    const keychain = await findKeychain(storage, "linux");
    expect(keychain.is === "absent" && keychain.why).toContain(words);
  });
});
