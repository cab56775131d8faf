/**
 * The user and password that a proxy is shown with every connection. Until one was let in they are shown by one
 * connection at a time: a wrong password that many clients try at once would lock the account.
 */
import type { Reply } from "../contract/commands.ts";
import type { ProxyTunnelConfig } from "../contract/config.ts";
import type { Failure } from "../contract/failures.ts";
import { accept, failure } from "../failures.ts";
import { defaultDialTimeoutMs, type DialOptions } from "../forward/open-tcp.ts";
import type { Credentials } from "./handshake.ts";
import { secretAdvice, type SecretSource } from "./secret-source.ts";
import { within } from "./within.ts";

/** After so many refusals nothing is tried until the operator asks for it. */
const mostRefusals = 3;

interface ProxyLogOnOptions {
  readonly config: ProxyTunnelConfig;
  readonly secrets: SecretSource;
  /** Another question is open than before. */
  readonly onChange: () => void;
}

/** What came of showing the credentials; null where the proxy said nothing about them. */
export type Verdict = "accepted" | "refused" | null;

interface Turn {
  readonly credentials: Credentials | null;
  /** Must be called once. */
  done(verdict: Verdict): void;
}

export class ProxyLogOn {
  readonly #options: ProxyLogOnOptions;
  readonly #account: string;
  #asked: Promise<string | null> | null = null;
  #withdraw = new AbortController();
  #asking = false;
  #proven = false;
  #proving: Promise<void> | null = null;
  #refusals = 0;
  #stopped: Failure | null = null;

  constructor(options: ProxyLogOnOptions) {
    this.#options = options;
    this.#account = `${options.config.user}@${options.config.address}`;
  }

  get question(): string | null {
    return this.#asking ? `the password of ${this.#account}` : null;
  }

  /** Why nothing is tried until the operator asks for it, or null. */
  get stopped(): Failure | null {
    return this.#stopped;
  }

  async turn({ timeoutMs = defaultDialTimeoutMs, signal }: DialOptions): Promise<Reply<Turn>> {
    const { user } = this.#options.config;
    if (user === undefined) return accept({ credentials: null, done: () => undefined });
    const deadline = performance.now() + timeoutMs;
    const waitFor = <T>(what: Promise<T>): Promise<Reply<T>> =>
      within(what.then(accept), Math.max(1, deadline - performance.now()), signal, () => this.#late());
    while (this.#proving && !this.#proven) {
      const waited = await waitFor(this.#proving);
      if (!waited.ok) return waited;
    }
    if (this.#stopped) return { ok: false, failure: this.#stopped };
    const release = this.#proven ? () => undefined : this.#beginProof();
    const asked = this.#password();
    const password = await waitFor(asked);
    const done = (verdict: Verdict): void => {
      this.#judge(verdict, asked);
      release();
    };
    if (password.ok && password.value !== null)
      return accept({ credentials: { user, password: password.value }, done });
    done(null);
    if (!password.ok) return password;
    return { ok: false, failure: this.#stopped ?? this.#declined() };
  }

  #beginProof(): () => void {
    let settle = (): void => undefined;
    this.#proving = new Promise((resolve) => (settle = resolve));
    return () => {
      this.#proving = null;
      settle();
    };
  }

  /** Asked once, and again after it was refused; many connections share the one question. */
  #password(): Promise<string | null> {
    this.#asked ??= this.#ask();
    return this.#asked;
  }

  async #ask(): Promise<string | null> {
    const { config, secrets, onChange } = this.#options;
    this.#asking = true;
    onChange();
    const password = await secrets({
      tunnel: config.id,
      kind: "password",
      account: this.#account,
      refused: this.#refusals > 0,
      signal: this.#withdraw.signal,
    });
    this.#asking = false;
    if (password === null) {
      this.#asked = null;
      this.#stopped ??= this.#declined();
    }
    onChange();
    return password;
  }

  /** Many connections may hear the same of one password: that counts once. */
  #judge(verdict: Verdict, asked: Promise<string | null>): void {
    if (this.#asked !== asked || verdict === null) return;
    if (verdict === "accepted") {
      this.#proven = true;
      this.#refusals = 0;
      return;
    }
    this.#proven = false;
    this.#asked = null;
    this.#refusals++;
    if (this.#refusals >= mostRefusals) this.#stopped = this.#gaveUp();
  }

  #late(): Failure {
    const { id } = this.#options.config;
    return this.#asking
      ? failure("TUNNEL_WAITS_FOR_ANSWER", `Tunnel ${id} waits for the password of ${this.#account}.`)
      : failure("TUNNEL_TIMEOUT", `Tunnel ${id} was not logged on to in time.`);
  }

  #declined(): Failure {
    const { config, secrets } = this.#options;
    return failure(
      "TUNNEL_SECRET_MISSING",
      `Tunnel ${config.id} needs the password of ${this.#account}, and none was given.`,
      { advice: secretAdvice(secrets, config.id) },
    );
  }

  #gaveUp(): Failure {
    const { config, secrets } = this.#options;
    return failure(
      "TUNNEL_AUTH_FAILED",
      `Tunnel ${config.id} refused the user and password. No further attempt is made after ${mostRefusals} refused log-ons.`,
      { advice: secretAdvice(secrets, config.id) },
    );
  }

  /** The operator tries again. */
  begin(): void {
    this.#stopped = null;
    this.#refusals = 0;
  }

  /** The operator wants no more attempts: the question is withdrawn. */
  stop(why: Failure): void {
    this.#stopped = why;
    this.close();
  }

  /** Asks anew with the next connection. */
  forget(): void {
    if (!this.#asking) this.#asked = null;
    this.#proven = false;
  }

  close(): void {
    this.#withdraw.abort();
    this.#withdraw = new AbortController();
  }
}
