/** Decides whether a host key may be trusted: files are read afresh each time, and only Shunt's own is ever written. */
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Failure } from "../../contract/failures.ts";
import { errorCode, errorText, failure } from "../../failures.ts";
import {
  fingerprintOf,
  judgeHostKey,
  keyTypeOfBlob,
  knownHostsName,
  knownKeyTypes,
  parseKnownHosts,
  type HostName,
  type KnownHost,
} from "./known-hosts.ts";

export interface HostKeyQuestion {
  readonly tunnel: string;
  /** `jump.example.com`, or `[jump.example.com]:2222`. */
  readonly host: string;
  readonly keyType: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** Keys of other types are known for this host: it may have got another key, or it is not the host. */
  readonly otherTypes: readonly string[];
}

export type HostKeyAnswer = "once" | "remember" | "refuse";

/** Puts the question to the operator. Never rejects. */
export type AskHostKey = (question: HostKeyQuestion) => Promise<HostKeyAnswer>;

export interface HostKeysOptions {
  /** Null: nobody can be asked, so unknown keys are refused. */
  readonly ask: AskHostKey | null;
  /** Where keys that the operator accepted are kept, in known_hosts format; null: for this run only. */
  readonly ownFile: string | null;
}

export interface HostKeyCheck {
  readonly tunnel: string;
  readonly host: HostName;
  readonly files: readonly KnownHostsFile[];
}

export interface KnownHostsFile {
  readonly path: string;
  /** Named by the operator: its absence is a failure and not just an empty list. */
  readonly named: boolean;
}

export class HostKeys {
  readonly #options: HostKeysOptions;
  readonly #accepted: KnownHost[] = [];
  readonly #asking = new Map<string, Promise<boolean>>();

  constructor(options: HostKeysOptions) {
    this.#options = options;
  }

  /** Whether somebody can be asked about an unknown key. */
  get asks(): boolean {
    return this.#options.ask !== null;
  }

  /** Types of the keys that are known for the host, to be asked for first. */
  knownTypes(check: HostKeyCheck): readonly string[] {
    const lines = this.#lines(check);
    return "code" in lines ? [] : knownKeyTypes(lines, check.host);
  }

  /** Null: go on. Nothing but the key exchange has been said to the server when this is asked. */
  async judge(check: HostKeyCheck, key: Buffer): Promise<Failure | null> {
    const lines = this.#lines(check);
    if ("code" in lines) return lines;
    const verdict = judgeHostKey(lines, check.host, key);
    const host = knownHostsName(check.host);
    const shown = `${keyTypeOfBlob(key)} ${fingerprintOf(key)}`;
    switch (verdict.is) {
      case "match":
        return null;
      case "revoked":
        return failure("HOST_KEY_REVOKED", `${host} shows a host key that is marked as revoked: ${shown}.`);
      case "changed":
        return failure(
          "HOST_KEY_CHANGED",
          `The host key of ${host} has changed: it shows ${shown}, and known is ${verdict.expected.join(", ")}.`,
        );
      case "unknown":
        return this.#askOrRefuse(check, key, verdict.otherTypes, verdict.authority);
    }
  }

  #lines({ files }: HostKeyCheck): readonly KnownHost[] | Failure {
    const { ownFile } = this.#options;
    const lines: KnownHost[] = [...this.#accepted];
    for (const { path, named } of [
      ...files,
      ...(ownFile === null ? [] : [{ path: ownFile, named: false }]),
    ]) {
      try {
        lines.push(...parseKnownHosts(readFileSync(path, "utf8")));
      } catch (error) {
        if (errorCode(error) === "ENOENT" && !named) continue;
        const why = errorCode(error) ?? errorText(error);
        return failure(
          "KNOWN_HOSTS_UNREADABLE",
          `${path} cannot be read (${why}), so no host key is trusted.`,
        );
      }
    }
    return lines;
  }

  async #askOrRefuse(
    check: HostKeyCheck,
    key: Buffer,
    otherTypes: readonly string[],
    authority: boolean,
  ): Promise<Failure | null> {
    const host = knownHostsName(check.host);
    const [keyType, fingerprint] = [keyTypeOfBlob(key), fingerprintOf(key)];
    const hint = authority
      ? " (known_hosts names a certificate authority for it; host certificates are not understood here)"
      : otherTypes.length > 0
        ? ` (known for it: ${otherTypes.join(", ")})`
        : "";
    const unknown = failure(
      "HOST_KEY_UNKNOWN",
      `The host key of ${host} is not known: ${keyType} ${fingerprint}${hint}.`,
    );
    const { ask } = this.#options;
    if (!ask) return unknown;
    const question = { tunnel: check.tunnel, host, keyType, fingerprint, otherTypes };
    if (await this.#askOnce(question, ask, key)) return null;
    return { ...unknown, advice: "You refused it; try again to be asked once more." };
  }

  /** Tunnels that meet the same new key at once share one question. */
  #askOnce(question: HostKeyQuestion, ask: AskHostKey, key: Buffer): Promise<boolean> {
    const { host, keyType, fingerprint } = question;
    const id = `${host} ${fingerprint}`;
    const asking =
      this.#asking.get(id) ??
      ask(question).then((answer) => {
        this.#asking.delete(id);
        if (answer === "refuse") return false;
        this.#accepted.push({ marker: null, names: host, type: keyType, key });
        if (answer === "remember") this.#remember(host, keyType, key);
        return true;
      });
    this.#asking.set(id, asking);
    return asking;
  }

  /** Where it cannot be written it holds for this run, and the operator is asked again at the next start. */
  #remember(host: string, keyType: string, key: Buffer): void {
    const { ownFile } = this.#options;
    if (ownFile === null) return;
    try {
      mkdirSync(dirname(ownFile), { recursive: true, mode: 0o700 });
      appendFileSync(ownFile, `${host} ${keyType} ${key.toString("base64")}\n`, { mode: 0o600 });
    } catch {
      return;
    }
  }
}
