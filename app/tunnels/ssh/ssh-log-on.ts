/** Proves to an SSH server who we are: agent, key files, keyboard-interactive, password, in this order. */
import { readFileSync } from "node:fs";
import {
  utils,
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type NextAuthHandler,
  type ParsedKey,
  type Prompt,
} from "ssh2";
import type { Failure } from "../../contract/failures.ts";
import { errorCode, failure } from "../../failures.ts";
import { secretAdvice, type SecretRequest, type SecretSource } from "../secret-source.ts";
import type { SecretMemory } from "./secret-memory.ts";
import { describeHop, type IdentityFile, type SshHop } from "./ssh-hops.ts";

interface LogOnOptions {
  readonly tunnel: string;
  readonly hop: SshHop;
  readonly secrets: SecretSource;
  /** Keys' passphrases and passwords that worked, kept for the next connection. */
  readonly memory: SecretMemory;
  /** Runs a question; the time it takes counts against no limit. */
  readonly outsideLimit: <T>(question: Promise<T>) => Promise<T>;
  /** The tunnel no longer wants this connection. */
  readonly signal: AbortSignal;
  /** The connection has ended, for whatever reason. */
  readonly ended: AbortSignal;
  /** Ends the connection: an answer that the server waits for will not come. */
  readonly giveUp: () => void;
}

interface LogOn {
  readonly handler: AuthHandlerMiddleware;
  /** Why the server did not let us in, for the operator. */
  describe(): Failure;
}

type SecretWanted = Pick<SecretRequest, "kind" | "account" | "prompt" | "shown">;
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
    const key = await this.#openKey(path, text);
    if (key === null) return null;
    this.#tried.push(path);
    return {
      type: "publickey",
      username: this.#options.hop.user,
      key,
    };
  }

  /** Opening an encrypted key takes a second or so of this thread: it is opened once, and ssh2 gets it open. */
  async #openKey(path: string, text: Buffer): Promise<ParsedKey | null> {
    const parsed = utils.parseKey(text);
    if (!(parsed instanceof Error)) return parsed;
    if (!/passphrase|encrypted/i.test(parsed.message)) {
      this.#troubles.push(`${path} is no private key that can be read`);
      return null;
    }
    const key = `passphrase ${path}`;
    for (let tries = 0; tries < mostPassphraseTries; tries++) {
      const passphrase = await this.#ask(key, { kind: "passphrase", account: path });
      if (passphrase === null) break;
      const opened = utils.parseKey(text, passphrase);
      if (!(opened instanceof Error)) {
        this.#gavePassphrase = true;
        return opened;
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
        text: string,
        _language: string,
        prompts: Prompt[],
        finish: (answers: string[]) => void,
      ) => {
        void this.#answerPrompts(text, prompts).then((answers) => {
          if (answers.length === prompts.length) finish(answers);
        });
      },
    };
  }

  async #answerPrompts(instruction: string, prompts: readonly Prompt[]): Promise<string[]> {
    const account = describeHop(this.#options.hop);
    const answers: string[] = [];
    if (prompts.length > 0) this.#tried.push("keyboard-interactive");
    for (const { prompt, echo } of prompts) {
      const isPassword = echo !== true && /password/i.test(prompt);
      const said = { account, prompt: `${instruction} ${prompt}`.trim(), shown: echo === true };
      const answer = isPassword
        ? await this.#ask(this.#passwordKey(), { kind: "password", ...said })
        : await this.#askOnce({ kind: "answer", ...said });
      if (answer === null) {
        this.#options.giveUp();
        break;
      }
      if (isPassword) this.#lastPassword = answer;
      answers.push(answer);
    }
    return answers;
  }

  /** Known already, or asked; the answer is kept under `key` for the next connection, also if this one ends meanwhile. */
  async #ask(key: string, what: SecretWanted): Promise<string | null> {
    const { memory, secrets, outsideLimit, signal } = this.#options;
    const known = memory.get(key);
    if (known !== undefined) return known;
    const asked = memory.ask(key, what, signal, (over) =>
      secrets({ ...this.#request(what), refused: memory.wasRefused(key), signal: over }),
    );
    return this.#given(await outsideLimit(asked));
  }

  /** What holds for this connection alone, as a one-time code does. */
  async #askOnce(what: SecretWanted): Promise<string | null> {
    const { memory, secrets, outsideLimit, ended } = this.#options;
    const asked = secrets({ ...this.#request(what), refused: false, signal: ended });
    const answer = this.#given(await outsideLimit(memory.asking(what, asked, false)));
    if (answer === null && secrets.asksOperator !== true)
      this.#troubles.push("it asks a question, which only the desktop app can put to an operator");
    return answer;
  }

  #request(what: SecretWanted): SecretWanted & Pick<SecretRequest, "tunnel" | "jumpHost"> {
    const { tunnel, hop } = this.#options;
    return { tunnel, ...what, ...(hop.isJump && { jumpHost: hop.host }) };
  }

  #given(secret: string | null): string | null {
    if (secret === null) this.#declined = true;
    return secret;
  }

  #refusePassword(): void {
    this.#options.memory.refuse(this.#passwordKey());
    this.#lastPassword = null;
    this.#passwordRefused = true;
  }

  describe(): Failure {
    const { tunnel, hop, secrets } = this.#options;
    const who = describeHop(hop);
    const troubles = this.#troubles.length === 0 ? "" : ` ${this.#troubles.join("; ")}.`;
    const takes = this.#accepted ? ` It takes ${this.#accepted.join(", ")}.` : "";
    const advice = secretAdvice(secrets, tunnel, hop.isJump ? hop.host : undefined);
    if (this.#lastPassword !== null) this.#refusePassword();
    else if (this.#declined) {
      const tried = this.#tried.length === 0 ? "" : ` Tried in vain: ${this.#tried.join(", ")}.`;
      return failure(
        "TUNNEL_SECRET_MISSING",
        `Tunnel ${tunnel} needs a secret for ${who}, and none was given.${troubles}${tried}`,
        { advice: `${advice} A key can also be put into the SSH agent.` },
      );
    }
    const tried =
      this.#tried.length === 0 ? "there was nothing to log on with" : `tried ${this.#tried.join(", ")}`;
    return failure(
      "TUNNEL_AUTH_FAILED",
      `${who} did not let tunnel ${tunnel} in: ${tried}.${troubles}${takes}`,
    );
  }
}
