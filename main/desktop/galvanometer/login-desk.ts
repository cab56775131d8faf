/** Users and passwords of AMPS admin endpoints: asked for once, in memory only, kept until the last Galvanometer is closed. */

export interface Credential {
  readonly user: string;
  readonly password: string;
  /** Also for configured backends that ask with the same realm. */
  readonly shared: boolean;
}

export interface LoginQuestion {
  /** Environment and tunnel: the same address may be another machine elsewhere. */
  readonly way: string;
  /** `amps-prod-1:8085`. */
  readonly authority: string;
  readonly realm: string;
  /** `basic`, `ntlm`, …: what was given to one is not given to another. */
  readonly scheme: string;
  /** A configured backend, so that a shared credential may be used for it. */
  readonly isBackend: boolean;
}

/** Shows the question; null where the operator cancels. `refused`: the last answer was not taken. */
type AskOperator<Question> = (question: Question, refused: boolean) => Promise<Credential | null>;

export class LoginDesk<Question extends LoginQuestion> {
  readonly #ask: AskOperator<Question>;
  readonly #kept = new Map<string, Credential>();
  readonly #shared = new Map<string, Credential>();
  readonly #waiting = new Map<string, Promise<Credential | null>>();
  /** One question at a time is on the screen. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ask: AskOperator<Question>) {
    this.#ask = ask;
  }

  /**
   * What to answer. `refused` is what the endpoint did not take: it is forgotten, unless another one was given meanwhile.
   * However many wait for the same answer, the operator is asked once.
   */
  answer(question: Question, refused: Credential | null): Promise<Credential | null> {
    const key = keyOf(question);
    if (refused && this.#kept.get(key) === refused) this.#kept.delete(key);
    const known = this.#known(question);
    if (known && known !== refused) return Promise.resolve(known);
    const waiting = this.#waiting.get(key) ?? this.#askInTurn(question, refused);
    this.#waiting.set(key, waiting);
    return waiting;
  }

  forget(): void {
    this.#kept.clear();
    this.#shared.clear();
  }

  #known(question: LoginQuestion): Credential | null {
    const shared = question.isBackend ? this.#shared.get(realmOf(question)) : undefined;
    return this.#kept.get(keyOf(question)) ?? shared ?? null;
  }

  #askInTurn(question: Question, refused: Credential | null): Promise<Credential | null> {
    const asked = this.#turn.then(async () => {
      // What was given to the question before this one may be the answer.
      const known = this.#known(question);
      if (known && known !== refused) return known;
      const given = await this.#ask(question, refused !== null);
      if (given) this.#keep(question, given);
      return given;
    });
    this.#turn = asked.catch(() => null);
    return asked.finally(() => this.#waiting.delete(keyOf(question)));
  }

  #keep(question: LoginQuestion, given: Credential): void {
    this.#kept.set(keyOf(question), given);
    if (given.shared) this.#shared.set(realmOf(question), given);
  }
}

function keyOf({ way, authority, realm, scheme }: LoginQuestion): string {
  return JSON.stringify([way, authority, realm, scheme]);
}

function realmOf({ way, realm, scheme }: LoginQuestion): string {
  return JSON.stringify([way, realm, scheme]);
}
