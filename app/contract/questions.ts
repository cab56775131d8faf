/**
 * What the engine asks the operator on the way through a tunnel. A question holds no secret. Its answer goes from the
 * window that asked straight to the engine: no command carries it, so no UI and no local API ever sees one.
 */

/** `answer`: to a question of the server, good for one time only. */
export type SecretKind = "password" | "passphrase" | "answer";

export interface KnownKey {
  readonly keyType: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** `/home/ops/.ssh/known_hosts:3`; empty where it was accepted for this run only. */
  readonly where: string;
}

/** An SSH server's host key beside what is known of that host. */
export interface HostKeyFacts {
  /** `jump.example.com`, or `[jump.example.com]:2222`. */
  readonly host: string;
  readonly keyType: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** Keys that are known for this host: of other types where the key is unknown, what was expected where it has changed. */
  readonly known: readonly KnownKey[];
  /** The key as a line of a known_hosts file. */
  readonly line: string;
}

export interface SecretQuestion {
  readonly is: "secret";
  readonly id: string;
  readonly tunnel: string;
  readonly kind: SecretKind;
  /** Whose, in words: `ops@proxy.example.com:3128`, or the path of a key file. */
  readonly account: string;
  /** The server's own words; null where the question is Shunt's. */
  readonly prompt: string | null;
  /** The answer may be seen while it is typed. */
  readonly shown: boolean;
  /** The one given last was not accepted. */
  readonly refused: boolean;
}

export interface HostKeyQuestion {
  readonly is: "host-key";
  readonly id: string;
  readonly tunnel: string;
  readonly hostKey: HostKeyFacts;
}

export type Question = SecretQuestion | HostKeyQuestion;

/** `once`: until Shunt ends. `remember`: kept in a file of Shunt's own. */
export type HostKeyAnswer = "once" | "remember" | "refuse";

/** A `secret` of null: the operator gives none. */
export type Answer =
  | { readonly is: "secret"; readonly secret: string | null }
  | { readonly is: "host-key"; readonly answer: HostKeyAnswer };

/** Every question that is open, oldest first, whenever they are others than before. */
export interface QuestionsEvent {
  readonly type: "questions";
  readonly questions: readonly Question[];
}

/** A secret that Shunt keeps; never the secret itself. */
export interface KeptSecret {
  readonly tunnel: string;
  readonly kind: SecretKind;
  readonly account: string;
  /** `keychain`: encrypted by the system's keychain. `run`: in memory, until Shunt ends. */
  readonly kept: "keychain" | "run";
}
