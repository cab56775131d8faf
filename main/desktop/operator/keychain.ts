/** The system's keychain as Electron's safeStorage gives it, where there is a real one. */
import type { SafeStorage } from "electron";
import { errorText } from "../../../app/failures.ts";

export interface Encryptor {
  encrypt(text: string): Promise<Buffer>;
  decrypt(blob: Buffer): Promise<string>;
}

export type Keychain =
  | { readonly is: "there"; readonly name: string; readonly encryptor: Encryptor }
  /** `why`: one sentence for the operator. */
  | { readonly is: "absent"; readonly why: string };

/** Old Electrons lack the asynchronous methods and the backend's name, new ones mean to drop the others. */
export type Storage = Partial<SafeStorage>;

const names: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: "the macOS keychain",
  win32: "Windows data protection",
};

/** After `ready`. Proves the keychain by a round trip before it is believed. Never rejects. */
export async function findKeychain(storage: Storage, platform: NodeJS.Platform): Promise<Keychain> {
  const backend = platform === "linux" ? (storage.getSelectedStorageBackend?.() ?? null) : null;
  if (backend === "basic_text" || backend === "unknown")
    return absent(`This desktop has no keyring that Electron can use (${backend}).`);
  try {
    if (!(await isAvailable(storage))) return absent("This system offers no keychain.");
    const encryptor = encryptorOf(storage);
    const probe = `shunt ${Math.random()}`;
    const blob = await encryptor.encrypt(probe);
    // Text that is only coded is not encrypted.
    if (blob.includes(probe) || (await encryptor.decrypt(blob)) !== probe)
      return absent("This system's keychain does not encrypt.");
    return { is: "there", name: nameOf(platform, backend), encryptor };
  } catch (error) {
    return absent(`This system's keychain does not answer (${errorText(error)}).`);
  }
}

function absent(why: string): Keychain {
  return { is: "absent", why };
}

function nameOf(platform: NodeJS.Platform, backend: string | null): string {
  return (
    names[platform] ?? (backend === null ? "this desktop's keyring" : `this desktop's keyring (${backend})`)
  );
}

async function isAvailable(storage: Storage): Promise<boolean> {
  if (storage.isAsyncEncryptionAvailable) return storage.isAsyncEncryptionAvailable();
  return storage.isEncryptionAvailable?.() ?? false;
}

function encryptorOf(storage: Storage): Encryptor {
  const { encryptStringAsync, decryptStringAsync } = storage;
  if (encryptStringAsync && decryptStringAsync)
    return {
      encrypt: (text) => encryptStringAsync.call(storage, text),
      decrypt: async (blob) => (await decryptStringAsync.call(storage, blob)).result,
    };
  return {
    encrypt: async (text) => (storage as SafeStorage).encryptString(text),
    decrypt: async (blob) => (storage as SafeStorage).decryptString(blob),
  };
}
