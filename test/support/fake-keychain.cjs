/** Loaded before the app where there is no keychain: stands for the system's, with a key that only this process has. */
const { createCipheriv, createDecipheriv, randomBytes } = require("node:crypto");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { safeStorage } = require("electron");

// The key outlives the app as a keychain does, in a file of the test.
const file = process.env.SHUNT_TEST_KEYCHAIN;
if (!existsSync(file)) writeFileSync(file, randomBytes(32));
const key = readFileSync(file);

Object.assign(safeStorage, {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => "gnome_libsecret",
  encryptString(text) {
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, iv);
    return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  },
  decryptString(blob) {
    const cipher = createDecipheriv("aes-256-gcm", key, blob.subarray(0, 12));
    cipher.setAuthTag(blob.subarray(-16));
    return Buffer.concat([cipher.update(blob.subarray(12, -16)), cipher.final()]).toString("utf8");
  },
});
