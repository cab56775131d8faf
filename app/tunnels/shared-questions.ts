/** Questions that several ask at once are put once; one is withdrawn when nobody waits for its answer any more. */

interface Shared<Answer> {
  readonly answer: Promise<Answer>;
  readonly over: AbortController;
  waiting: number;
}

export class SharedQuestions<Answer> {
  readonly #open = new Map<string, Shared<Answer>>();

  /** `withdrawn`: what the asker gets whose signal aborts first. `put` must not reject. */
  ask(
    key: string,
    signal: AbortSignal,
    withdrawn: Answer,
    put: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    if (signal.aborted) return Promise.resolve(withdrawn);
    const shared = this.#open.get(key) ?? this.#put(key, put);
    shared.waiting++;
    return new Promise((resolve) => {
      const onAbort = (): void => {
        if (--shared.waiting === 0) {
          this.#forget(key, shared);
          shared.over.abort();
        }
        resolve(withdrawn);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      void shared.answer.then((answer) => {
        signal.removeEventListener("abort", onAbort);
        resolve(answer);
      });
    });
  }

  #put(key: string, put: (signal: AbortSignal) => Promise<Answer>): Shared<Answer> {
    const over = new AbortController();
    const shared: Shared<Answer> = {
      over,
      waiting: 0,
      answer: put(over.signal).finally(() => this.#forget(key, shared)),
    };
    this.#open.set(key, shared);
    return shared;
  }

  #forget(key: string, shared: Shared<Answer>): void {
    if (this.#open.get(key) === shared) this.#open.delete(key);
  }
}
