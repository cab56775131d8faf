/** Decides whether a host key may be trusted: files are read afresh each time, and only Shunt's own is ever written. */
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Failure } from "../../contract/failures.ts";
import type { HostKeyAnswer, HostKeyFacts, KnownKey } from "../../contract/questions.ts";
import type { ActivityNote } from "../../engine/activity-log.ts";
import { errorCode, errorText, failure } from "../../failures.ts";
import { SharedQuestions } from "../shared-questions.ts";
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

/** Puts the question to the operator; `refuse` where it was withdrawn. Never rejects. */
export type AskHostKey = (
  tunnel: string,
  hostKey: HostKeyFacts,
  signal: AbortSignal,
) => Promise<HostKeyAnswer>;

interface HostKeysOptions {
  /** Null: nobody can be asked, so unknown keys are refused. */
  readonly ask: AskHostKey | null;
  /** Where keys that the operator accepted are kept, in known_hosts format; null: for this run only. */
  readonly ownFile: string | null;
  readonly note: (note: ActivityNote) => void;
}

interface HostKeyCheck {
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
  readonly #questions = new SharedQuestions<boolean>();

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
  judge(check: HostKeyCheck, key: Buffer): Failure | null {
    const lines = this.#lines(check);
    if ("code" in lines) return lines;
    const verdict = judgeHostKey(lines, check.host, key);
    if (verdict.is === "match") return null;
    const host = knownHostsName(check.host);
    const facts = (known: readonly KnownKey[]): HostKeyFacts => ({
      host,
      keyType: keyTypeOfBlob(key),
      fingerprint: fingerprintOf(key),
      known,
      line: `${host} ${keyTypeOfBlob(key)} ${key.toString("base64")}`,
    });
    const shown = `${keyTypeOfBlob(key)} ${fingerprintOf(key)}`;
    switch (verdict.is) {
      case "revoked":
        return failure("HOST_KEY_REVOKED", `${host} shows a host key that is marked as revoked: ${shown}.`, {
          hostKey: facts([]),
        });
      case "changed":
        return failure(
          "HOST_KEY_CHANGED",
          `The host key of ${host} has changed: it shows ${shown}, and known is ${verdict.known.map(describeKnown).join(", ")}.`,
          { hostKey: facts(verdict.known) },
        );
      case "unknown":
        return this.#unknown(facts(verdict.known), verdict.authority);
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
        lines.push(...parseKnownHosts(readFileSync(path, "utf8"), path));
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

  #unknown(hostKey: HostKeyFacts, authority: boolean): Failure {
    const { host, keyType, fingerprint, known, line } = hostKey;
    const hint = authority
      ? " (known_hosts names a certificate authority for it; host certificates are not understood here)"
      : known.length > 0
        ? ` (known for it: ${known.map(describeKnown).join(", ")})`
        : "";
    return failure(
      "HOST_KEY_UNKNOWN",
      `The host key of ${host} is not known: ${keyType} ${fingerprint}${hint}.`,
      {
        hostKey,
        // Where somebody can be asked this is seen only after a refusal.
        advice: this.asks
          ? "It was not accepted; try the tunnel again to be asked once more."
          : `Compare the fingerprint with the server's own; if it is right, add this line to known_hosts: ${line}`,
      },
    );
  }

  /**
   * Whether the operator accepts a key that was unknown. No connection waits for the answer: the one that met the key is
   * closed by then, and the next one finds it known. Tunnels that meet the same key at once share one question.
   */
  accepts(tunnel: string, hostKey: HostKeyFacts, signal: AbortSignal): Promise<boolean> {
    const { ask } = this.#options;
    if (!ask) return Promise.resolve(false);
    return this.#questions.ask(`${hostKey.host} ${hostKey.fingerprint}`, signal, false, async (over) => {
      const answer = await ask(tunnel, hostKey, over);
      if (answer === "refuse") return false;
      this.#accept(tunnel, hostKey, answer === "remember");
      return true;
    });
  }

  #accept(tunnel: string, hostKey: HostKeyFacts, remember: boolean): void {
    const { host, keyType, fingerprint, line } = hostKey;
    this.#accepted.push(...parseKnownHosts(line).map((known) => ({ ...known, where: "" })));
    const kept = remember && this.#remember(line);
    this.#options.note({
      event: "host-key-trusted",
      severity: remember && !kept ? "warning" : "info",
      tunnel,
      message: `The host key of ${host} was accepted by the operator${kept ? "" : " until Shunt ends"}: ${keyType} ${fingerprint}.`,
    });
  }

  /** False where it could not be written: it holds for this run, and the operator is asked again at the next start. */
  #remember(line: string): boolean {
    const { ownFile } = this.#options;
    if (ownFile === null) return false;
    try {
      mkdirSync(dirname(ownFile), { recursive: true, mode: 0o700 });
      appendFileSync(ownFile, `${line}\n`, { mode: 0o600 });
      return true;
    } catch {
      return false;
    }
  }
}

function describeKnown({ keyType, fingerprint, where }: KnownKey): string {
  return `${keyType} ${fingerprint}${where === "" ? "" : ` (${where})`}`;
}
