/** The questions that wait for the operator. Whoever shows them hears of every change and answers by id. */
import { randomUUID } from "node:crypto";
import type { Answer, Question } from "../contract/questions.ts";
import type { SecretRequest, SecretSource } from "./secret-source.ts";
import type { AskHostKey } from "./ssh/host-keys.ts";

/** Longer words of a server are cut. */
const longestPrompt = 300;

type WithoutId<Q> = Q extends Question ? Omit<Q, "id"> : never;

interface Waiting {
  readonly question: Question;
  readonly settle: (answer: Answer | null) => void;
}

interface QuestionDeskOptions {
  /** Looked into first, and not again for a secret that was refused. */
  readonly environment: SecretSource;
  readonly onChange: (open: readonly Question[]) => void;
}

export class QuestionDesk {
  readonly #options: QuestionDeskOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly secrets: SecretSource;

  constructor(options: QuestionDeskOptions) {
    this.#options = options;
    this.secrets = Object.assign((request: SecretRequest) => this.#secret(request), { asksOperator: true });
  }

  readonly hostKey: AskHostKey = async (tunnel, hostKey, signal) => {
    const answer = await this.#put({ is: "host-key", tunnel, hostKey }, signal);
    return answer?.is === "host-key" ? answer.answer : "refuse";
  };

  async #secret(request: SecretRequest): Promise<string | null> {
    const { tunnel, kind, account, refused, prompt, shown, signal } = request;
    const given = refused ? null : await this.#options.environment(request);
    if (given !== null) return given;
    const answer = await this.#put(
      {
        is: "secret",
        tunnel,
        kind,
        account,
        prompt: prompt === undefined ? null : plainWords(prompt),
        shown: shown === true,
        refused,
      },
      signal,
    );
    return answer?.is === "secret" ? answer.secret : null;
  }

  #put(question: WithoutId<Question>, signal: AbortSignal | undefined): Promise<Answer | null> {
    if (signal?.aborted) return Promise.resolve(null);
    const id = randomUUID();
    return new Promise((resolve) => {
      const settle = (answer: Answer | null): void => {
        if (!this.#waiting.delete(id)) return;
        signal?.removeEventListener("abort", withdraw);
        resolve(answer);
        this.#changed();
      };
      const withdraw = () => settle(null);
      signal?.addEventListener("abort", withdraw);
      this.#waiting.set(id, { question: { ...question, id }, settle });
      this.#changed();
    });
  }

  #changed(): void {
    this.#options.onChange([...this.#waiting.values()].map(({ question }) => question));
  }

  /** False where no such question is open, or the answer is of another kind. */
  answer(id: string, answer: Answer): boolean {
    const waiting = this.#waiting.get(id);
    if (waiting?.question.is !== answer.is) return false;
    waiting.settle(answer);
    return true;
  }

  /** Withdraws all of them. */
  close(): void {
    for (const { settle } of [...this.#waiting.values()]) settle(null);
  }
}

/** A server's words without what could change how the rest is shown: control, format and direction characters. */
function plainWords(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, longestPrompt);
}
