/**
 * The secrets that the operator gave. They are kept only once they worked: encrypted by the keychain in a file of their
 * own where that was wished and there is a real keychain, else in memory until Shunt ends.
 */
import { readFileSync, renameSync } from "node:fs";
import { z } from "zod";
import { writeWhole } from "../../../app/config/config-file.ts";
import type { KeptSecret, SecretQuestion } from "../../../app/contract/questions.ts";
import { errorCode, errorText } from "../../../app/failures.ts";
import type { Keychain } from "./keychain.ts";
import type { Keeping } from "./question-pages.ts";

/** Which secret: never the secret. */
type SecretName = Pick<SecretQuestion, "tunnel" | "kind" | "account">;

interface VaultOptions {
  readonly file: string;
  /** Asked when it is first needed: on some systems that shows a dialog. */
  readonly keychain: () => Promise<Keychain>;
  readonly log: (message: string) => void;
}

const entry = z.strictObject({
  tunnel: z.string(),
  kind: z.enum(["password", "passphrase"]),
  account: z.string(),
  /** Base64 of what the keychain made of it. */
  blob: z.base64(),
});
const vaultFile = z.strictObject({ version: z.literal(1), secrets: z.array(entry) });
type Entry = z.output<typeof entry>;

interface Offered {
  readonly name: SecretName;
  readonly secret: string;
  readonly keep: boolean;
}

export class SecretVault {
  readonly #options: VaultOptions;
  readonly #listeners = new Set<(kept: readonly KeptSecret[]) => void>();
  readonly #offered = new Map<string, Offered>();
  readonly #ofThisRun = new Map<string, Offered>();
  #entries: readonly Entry[];
  #keychain: Promise<Keychain> | null = null;

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#entries = this.#load();
  }

  #load(): readonly Entry[] {
    const { file, log } = this.#options;
    try {
      return vaultFile.parse(JSON.parse(readFileSync(file, "utf8"))).secrets;
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      log(`the kept secrets cannot be read and were set aside: ${errorCode(error) ?? "not in their form"}`);
      try {
        renameSync(file, `${file}.damaged`);
      } catch (reason) {
        log(`the kept secrets could not be set aside: ${errorText(reason)}`);
      }
      return [];
    }
  }

  #chain(): Promise<Keychain> {
    return (this.#keychain ??= this.#options.keychain());
  }

  async keeping(): Promise<Keeping> {
    const keychain = await this.#chain();
    return keychain.is === "there" ? { can: true, place: keychain.name } : { can: false, why: keychain.why };
  }

  /** Null where none is kept, or the keychain no longer opens it. */
  async read(name: SecretName): Promise<string | null> {
    const ofThisRun = this.#ofThisRun.get(keyOf(name));
    if (ofThisRun) return ofThisRun.secret;
    const kept = this.#entries.find((one) => keyOf(one) === keyOf(name));
    if (!kept) return null;
    const keychain = await this.#chain();
    try {
      if (keychain.is === "there") return await keychain.encryptor.decrypt(Buffer.from(kept.blob, "base64"));
      // It may be there again at the next start: what it encrypted is left alone.
      this.#options.log(`a kept secret of ${name.tunnel} cannot be opened: ${keychain.why}`);
    } catch (error) {
      this.#options.log(`a kept secret of ${name.tunnel} no longer opens: ${errorText(error)}`);
      this.drop(name);
    }
    return null;
  }

  /** A secret that the operator just gave, not yet known to be right. */
  offer(name: SecretName, secret: string, keep: boolean): void {
    this.#offered.set(keyOf(name), { name, secret, keep });
  }

  /** The tunnel is up: what was offered for it is right. */
  async prove(tunnel: string): Promise<void> {
    const right = [...this.#offered].filter(([, { name }]) => name.tunnel === tunnel);
    for (const [key, offered] of right) {
      this.#offered.delete(key);
      if (!offered.keep || !(await this.#keep(offered))) this.#ofThisRun.set(key, offered);
    }
    if (right.length > 0) this.#tell();
  }

  async #keep({ name, secret }: Offered): Promise<boolean> {
    const keychain = await this.#chain();
    if (keychain.is === "absent") return false;
    try {
      const blob = (await keychain.encryptor.encrypt(secret)).toString("base64");
      const { tunnel, kind, account } = name;
      if (kind === "answer") return false;
      const others = this.#entries.filter((one) => keyOf(one) !== keyOf(name));
      return this.#save([...others, { tunnel, kind, account, blob }]);
    } catch (error) {
      this.#options.log(`a secret of ${name.tunnel} could not be encrypted: ${errorText(error)}`);
      return false;
    }
  }

  #save(entries: readonly Entry[]): boolean {
    try {
      writeWhole(this.#options.file, `${JSON.stringify({ version: 1, secrets: entries }, null, 2)}\n`);
    } catch (error) {
      this.#options.log(`the kept secrets could not be written: ${errorText(error)}`);
      return false;
    }
    this.#entries = entries;
    return true;
  }

  /** It was refused: it is wrong. */
  drop(name: SecretName): void {
    this.#remove((one) => keyOf(one) === keyOf(name));
  }

  forget(tunnel: string): void {
    this.#remove((one) => one.tunnel === tunnel);
  }

  /** Forgets what belongs to other tunnels than these. */
  retain(tunnels: readonly string[]): void {
    this.#remove((one) => !tunnels.includes(one.tunnel));
  }

  #remove(isGone: (name: SecretName) => boolean): void {
    for (const held of [this.#offered, this.#ofThisRun])
      for (const [key, { name }] of held) if (isGone(name)) held.delete(key);
    const left = this.#entries.filter((one) => !isGone(one));
    if (left.length < this.#entries.length) this.#save(left);
    this.#tell();
  }

  kept(): readonly KeptSecret[] {
    const plain = ({ tunnel, kind, account }: SecretName, kept: KeptSecret["kept"]): KeptSecret => ({
      tunnel,
      kind,
      account,
      kept,
    });
    return [
      ...this.#entries.map((one) => plain(one, "keychain")),
      ...[...this.#ofThisRun.values()].map(({ name }) => plain(name, "run")),
    ];
  }

  onKept(listener: (kept: readonly KeptSecret[]) => void): void {
    this.#listeners.add(listener);
  }

  #tell(): void {
    const kept = this.kept();
    for (const listener of this.#listeners) listener(kept);
  }
}

function keyOf({ tunnel, kind, account }: SecretName): string {
  return JSON.stringify([tunnel, kind, account]);
}
