/** Proves to an SSH server who we are: agent, key files, keyboard-interactive, password, in this order. */
import { readFileSync } from "node:fs";
import {
  utils,
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type NextAuthHandler,
  type Prompt,
} from "ssh2";
import type { Failure } from "../../contract/failures.ts";
import { errorCode, failure } from "../../failures.ts";
import { secretVariable, type SecretRequest, type SecretSource } from "../secret-source.ts";
import { describeHop, type IdentityFile, type SshHop } from "./ssh-hops.ts";

export interface LogOnOptions {
  readonly tunnel: string;
  readonly hop: SshHop;
  readonly secrets: SecretSource;
  /** Keys' passphrases and passwords that worked, kept for the next connection. */
  readonly memory: SecretMemory;
  /** Runs a question; the time it takes counts against no limit. */
  readonly outsideLimit: <T>(question: Promise<T>) => Promise<T>;
}

/** What one tunnel was told, so that a reconnection does not ask again. */
export class SecretMemory {
  readonly #kept = new Map<string, string>();
  readonly #refused = new Set<string>();
  get(key: string): string | undefined {
    return this.#kept.get(key);
  }
  keep(key: string, secret: string): void {
    this.#kept.set(key, secret);
  }
  refuse(key: string): void {
    this.#kept.delete(key);
    this.#refused.add(key);
  }
  wasRefused(key: string): boolean {
    return this.#refused.has(key);
  }
}

export interface LogOn {
  readonly handler: AuthHandlerMiddleware;
  /** Why the server did not let us in, for the operator. */
  describe(): Failure;
}

type Attempt = () => Promise<AnyAuthMethod | null>;
const mostPassphraseTries = 3;

export function createLogOn(options: LogOnOptions): LogOn {
  return new LogOnAttempts(options);
}

class LogOnAttempts implements LogOn {
  readonly #options: LogOnOptions;
  readonly #tried: string[] = [];
  readonly #troubles: string[] = [];
  #steps: { readonly method: string; readonly run: Attempt }[];
  #accepted: readonly string[] | null = null;
  #declined = false;
  #gavePassphrase = false;
  #lastPassword: string | null = null;
  #passwordRefused = false;

  constructor(options: LogOnOptions) {
    this.#options = options;
    const { hop } = options;
    this.#steps = [
      { method: "none", run: async () => ({ type: "none", username: hop.user }) },
      ...(hop.agent === null ? [] : [{ method: "publickey", run: () => this.#agent(hop.agent ?? "") }]),
      ...hop.identityFiles.map((file) => ({ method: "publickey", run: () => this.#keyFile(file) })),
      { method: "keyboard-interactive", run: async () => this.#keyboard() },
      { method: "password", run: () => this.#password() },
    ];
  }

  readonly handler: AuthHandlerMiddleware = (methodsLeft, partialSuccess, next) => {
    if (methodsLeft) this.#accepted = methodsLeft;
    if (this.#lastPassword !== null && methodsLeft && !partialSuccess) this.#refusePassword();
    void this.#next(partialSuccess === true, next);
  };

  async #next(partialSuccess: boolean, next: NextAuthHandler): Promise<void> {
    for (let step = this.#steps.shift(); step; step = this.#steps.shift()) {
      if (this.#accepted && step.method !== "none" && !this.#accepted.includes(step.method)) continue;
      // One secret is used for one thing: a key's passphrase is never shown to the server as a password.
      const asksPassword = step.method === "password" || step.method === "keyboard-interactive";
      if (asksPassword && this.#gavePassphrase && !partialSuccess) continue;
      // The same account's password, refused a moment ago by another method: asking on could lock the account.
      if (step.method === "password" && this.#passwordRefused) continue;
      const attempt = await step.run();
      if (attempt !== null) return next(attempt);
    }
    // False, which ssh2's types leave out, says that there is nothing more to try.
    (next as (end: AnyAuthMethod | false) => void)(false);
  }

  async #agent(agent: string): Promise<AnyAuthMethod> {
    this.#tried.push("the agent");
    return { type: "agent", username: this.#options.hop.user, agent };
  }

  async #keyFile({ path, named }: IdentityFile): Promise<AnyAuthMethod | null> {
    let text: Buffer;
    try {
      text = readFileSync(path);
    } catch (error) {
      if (named) this.#troubles.push(`${path} cannot be read (${errorCode(error) ?? "unreadable"})`);
      return null;
    }
    const passphrase = await this.#passphraseOf(path, text);
    if (passphrase === null) return null;
    this.#tried.push(path);
    return {
      type: "publickey",
      username: this.#options.hop.user,
      key: text,
      ...(passphrase !== "" && { passphrase }),
    };
  }

  /** Empty where the key has none; null where the key cannot be used. */
  async #passphraseOf(path: string, text: Buffer): Promise<string | null> {
    const parsed = utils.parseKey(text);
    if (!(parsed instanceof Error)) return "";
    if (!/passphrase|encrypted/i.test(parsed.message)) {
      this.#troubles.push(`${path} is no private key that can be read`);
      return null;
    }
    const key = `passphrase ${path}`;
    for (let tries = 0; tries < mostPassphraseTries; tries++) {
      const passphrase = await this.#ask(key, { kind: "passphrase", account: path });
      if (passphrase === null) break;
      if (!(utils.parseKey(text, passphrase) instanceof Error)) {
        this.#gavePassphrase = true;
        return passphrase;
      }
      this.#options.memory.refuse(key);
    }
    this.#troubles.push(`${path} is encrypted, and no passphrase that opens it was given`);
    return null;
  }

  #passwordKey(): string {
    return `password ${describeHop(this.#options.hop)}`;
  }

  async #password(): Promise<AnyAuthMethod | null> {
    const password = await this.#ask(this.#passwordKey(), {
      kind: "password",
      account: describeHop(this.#options.hop),
    });
    if (password === null) return null;
    this.#lastPassword = password;
    this.#tried.push("a password");
    return { type: "password", username: this.#options.hop.user, password };
  }

  #keyboard(): AnyAuthMethod {
    return {
      type: "keyboard-interactive",
      username: this.#options.hop.user,
      prompt: (
        _name: string,
        _text: string,
        _language: string,
        prompts: Prompt[],
        finish: (answers: string[]) => void,
      ) => {
        void this.#answerPrompts(prompts).then(finish);
      },
    };
  }

  async #answerPrompts(prompts: readonly Prompt[]): Promise<string[]> {
    const { hop } = this.#options;
    const answers: string[] = [];
    if (prompts.length > 0) this.#tried.push("keyboard-interactive");
    for (const { prompt, echo } of prompts) {
      const isPassword = echo !== true && /password/i.test(prompt);
      const text = prompt.trim().slice(0, 200);
      const answer = isPassword
        ? await this.#ask(this.#passwordKey(), { kind: "password", account: describeHop(hop) })
        : await this.#ask(null, { kind: "answer", account: `${describeHop(hop)} asks: ${text}` });
      if (isPassword) this.#lastPassword = answer;
      answers.push(answer ?? "");
    }
    return answers;
  }

  /** `key`: under which it is remembered; null for what holds once, as a one-time code does. */
  async #ask(key: string | null, what: Pick<SecretRequest, "kind" | "account">): Promise<string | null> {
    const { memory, secrets, outsideLimit, tunnel, hop } = this.#options;
    const known = key === null ? undefined : memory.get(key);
    if (known !== undefined) return known;
    const secret = await outsideLimit(
      secrets({
        tunnel,
        ...what,
        refused: key !== null && memory.wasRefused(key),
        ...(hop.isJump && { jumpHost: hop.host }),
      }),
    );
    if (secret === null) this.#declined = true;
    else if (key !== null) memory.keep(key, secret);
    return secret;
  }

  #refusePassword(): void {
    this.#options.memory.refuse(this.#passwordKey());
    this.#lastPassword = null;
    this.#passwordRefused = true;
  }

  describe(): Failure {
    const { tunnel, hop } = this.#options;
    const variable = secretVariable(tunnel, hop.isJump ? hop.host : undefined);
    const troubles = this.#troubles.length === 0 ? "" : ` ${this.#troubles.join("; ")}.`;
    const takes = this.#accepted ? ` It takes ${this.#accepted.join(", ")}.` : "";
    if (this.#lastPassword !== null) this.#refusePassword();
    if (this.#declined && this.#tried.length === 0) {
      return failure(
        "TUNNEL_SECRET_MISSING",
        `Tunnel ${tunnel} needs a secret for ${describeHop(hop)}, and none was given.${troubles}`,
        {
          advice: `Give it when asked, set ${variable} in the environment, or put the key into the SSH agent.`,
        },
      );
    }
    const tried =
      this.#tried.length === 0 ? "there was nothing to log on with" : `tried ${this.#tried.join(", ")}`;
    return failure(
      "TUNNEL_AUTH_FAILED",
      `${describeHop(hop)} did not let tunnel ${tunnel} in: ${tried}.${troubles}${takes}`,
    );
  }
}
